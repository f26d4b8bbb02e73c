"""A real SMTP server for the tests: prints every letter as a line of JSON, then answers as told."""
import argparse, asyncio, email, email.policy, json, ssl, sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

args = argparse.ArgumentParser()
args.add_argument("--port", type=int, required=True)
args.add_argument("--hold", action="store_true", help="never answers a letter: its sender cannot know that it arrived")
args.add_argument("--refuse", default="", help="an address that is refused for good")
args.add_argument("--busy", default="", help="an address that is refused for now, the first time")
args.add_argument("--login", default="", help="user:password")
args.add_argument("--certificate", default="")
args.add_argument("--key", default="")
args = args.parse_args()
busy = {args.busy} - {""}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == args.refuse:
            return "550 5.1.1 nobody of this name"
        if address in busy:
            busy.remove(address)
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: (lambda it: it.get_content() if it else None)(letter.get_body((kind,)))
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": letter["subject"],
            "id": letter["message-id"], "auto": letter["auto-submitted"], "text": part("plain"), "html": part("html"),
            "tls": session.ssl is not None, "authenticated": bool(session.authenticated),
        }), flush=True)
        if args.hold:
            await asyncio.sleep(3600)
        return "250 accepted"


def authenticate(server, session, envelope, mechanism, data):
    login, password = args.login.split(":")
    right = data.login == login.encode() and data.password == password.encode()
    return AuthResult(success=right, handled=False if not right else True)


options = {}
if args.certificate:
    options["tls_context"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    options["tls_context"].load_cert_chain(args.certificate, args.key)
    options["require_starttls"] = True
if args.login:
    options.update(authenticator=authenticate, auth_required=True, auth_require_tls=bool(args.certificate))
Controller(Handler(), hostname="127.0.0.1", port=args.port, **options).start()
print("ready", flush=True)
sys.stdin.read()
