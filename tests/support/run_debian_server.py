"""Runs Debian's Mandos 1.8 server with its log on stderr, so that a test can read it and the machine's log stays clean.

Usage: run_debian_server.py PATH-OF-THE-SERVER OPTIONS...
Only the syslog handler is replaced; everything else is the server as Debian ships it.
"""

import logging
import logging.handlers
import runpy
import sys


class StandardErrorHandler(logging.StreamHandler):
    LOG_DAEMON = logging.handlers.SysLogHandler.LOG_DAEMON

    def __init__(self, *_arguments, **_options):
        super().__init__(sys.stderr)


logging.handlers.SysLogHandler = StandardErrorHandler
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
