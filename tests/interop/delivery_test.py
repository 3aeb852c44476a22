"""Every kind of client gets exactly its password. Usage: delivery_test.py SERVER CLIENT, each "1.8" or "ours".

1.8 with 1.8 is the baseline: it shows that each client is one that 1.8 itself serves, so that the other three
pairings are held to nothing less, and that what our keygen makes can be used where nothing else is ours.
"""

import sys

from tests.interop import clients
from tests.support.case import TestCase, main
from tests.support.mandos import FAMILIES

SERVER, CLIENT = (
    next(family for family in FAMILIES if family.name == wanted) for wanted in (sys.argv.pop(1), sys.argv.pop(1))
)


class Delivery(TestCase):
    def deliver(self, made):
        server = SERVER.server(self, "\n".join(client.section for client in made))
        for client in made:
            with self.subTest(client.name):
                fetching = CLIENT.client(self, client.keys, server.address)
                self.assertEqual(fetching.finish(), 0, fetching.stderr)
                self.assertTrue(
                    fetching.stdout == client.password,
                    f"{client.name} got {len(fetching.stdout)} bytes that are not its {len(client.password)}",
                )
                server.wait_for(SERVER.sent(client.name))

    def test_what_1_8_delivers_arrives(self):
        self.deliver(clients.baseline_clients(self))

    def test_what_our_keygen_made_arrives(self):
        self.deliver(clients.our_clients(self))


if __name__ == "__main__":
    main()
