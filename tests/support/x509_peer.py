"""A peer that plays Mandos client with an X.509 certificate: TLS as everybody else does it, and what no server may accept.

Usage: x509_peer.py ADDRESS PORT FOLDER. Makes a self-signed certificate in FOLDER, connects, says "1" and answers the
server's TLS handshake. Prints what came as secret, which should be nothing, and ends with 0 when the server let go.
"""

import socket
import ssl
import subprocess
import sys


def main():
    address, port, folder = sys.argv[1:]
    certificate, key = f"{folder}/certificate.pem", f"{folder}/certificate-key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=somebody", "-days", "2"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    with socket.create_connection((address, int(port)), timeout=60) as connection:
        connection.sendall(b"1\r\n")
        try:
            with context.wrap_socket(connection, server_side=True) as session:
                while received := session.recv(65536):
                    sys.stdout.buffer.write(received)
        except (ssl.SSLError, ConnectionError) as error:
            print(f"turned away: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
