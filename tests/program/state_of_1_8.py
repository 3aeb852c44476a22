"""What Mandos 1.8 leaves in its state directory, as its own program pickles it."""

import datetime
import os
import pickle


def client_of_1_8(name, key_id, **changes):
    """(what is kept of the client, its settings)."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    values = {
        "key_id": key_id.upper(), "fingerprint": "0" * 40, "host": name, "checker_command": "true", "enabled": True,
        "approved_by_default": True, "timeout": datetime.timedelta(minutes=5),
        "extended_timeout": datetime.timedelta(minutes=15), "interval": datetime.timedelta(minutes=2),
        "approval_delay": datetime.timedelta(0), "approval_duration": datetime.timedelta(seconds=1),
    }
    return {"name": name, **values, "created": now, "last_enabled": now, "expires": now + datetime.timedelta(minutes=4),
            "last_checked_ok": now, "last_checker_status": 0, "last_approval_request": None, "encrypted_secret": b"",
            **changes}, values


def pickled(clients):
    """CLIENTS: what client_of_1_8() returns, by name."""
    return pickle.dumps(({name: client for name, (client, _) in clients.items()},
                         {name: settings for name, (_, settings) in clients.items()}), protocol=2)


def write_pickle(state, content):
    """The file in the directory STATE, with its owner."""
    path, owner = state / "clients.pickle", state.stat()
    path.write_bytes(content)
    os.chown(path, owner.st_uid, owner.st_gid)
    path.chmod(0o600)
    return path
