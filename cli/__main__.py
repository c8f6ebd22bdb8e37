"""`getthrough`: every command, each in a module or package of its name. From a clone it is `.venv/bin/getthrough`."""

import signal
import sys

import click

from cli.api import NoAnswerError
from cli.audit import audit
from cli.client.command import client
from cli.doctor import doctor
from cli.down import down
from cli.errors import OperatorError
from cli.listen.command import listen
from cli.output import printable
from cli.recover import recover
from cli.replay import replay
from cli.rotate import rotate
from cli.secret.command import secret
from cli.send import send
from cli.smoke.command import smoke
from cli.up.command import up
from cli.watch import watch
from cli.what_if import what_if


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="getthrough", message="%(prog)s %(version)s")
def getthrough() -> None:
    """Operate a Getthrough stack in your AWS account, or the one on this computer."""


for command in (up, down, doctor, smoke, send, watch, listen, client, audit, secret, rotate, recover, replay, what_if):
    getthrough.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit code. What cannot be done is one sentence on standard error, and code 2."""
    try:
        code = getthrough.main(arguments, prog_name="getthrough", standalone_mode=False)
    except OperatorError as error:
        click.echo(f"getthrough: {printable(str(error))}", err=True)
        return 2
    except NoAnswerError as error:
        click.echo(f"getthrough: {error}: check the network, and that the stack is still there.", err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("getthrough: stopped.", err=True)
        return 130
    return int(code or 0)


def run() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` ignores the second
            # A container that stops, or a terminal that closes, ends a command as Ctrl-C does: it tidies up.
            signal.signal(number, signal.default_int_handler)
    sys.exit(main())


if __name__ == "__main__":
    run()
