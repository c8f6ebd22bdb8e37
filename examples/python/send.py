"""Text the first number, and the second one if that is not delivered in time, with Vonage's own SDK.

python send.py FIRST SECOND          with API and AUTH in the environment
"""

import os
import sys
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from vonage import Auth, HttpClientOptions, Vonage
from vonage_messages import Sms

TEXT = "Your cupcakes are ready!"


class PlainHttp(HTTPAdapter):
    """The SDK speaks https only. A stack on this computer speaks http."""

    def send(self, request, **how):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **how)


def main() -> None:
    api = urlsplit(os.environ["API"])
    name, secret = os.environ["AUTH"].split(":", 1)
    client = Vonage(Auth(api_key=name, api_secret=secret), HttpClientOptions(api_host=api.netloc))
    if api.scheme == "http":
        client.http_client._session.mount(f"https://{api.netloc}", PlainHttp())

    first, second = sys.argv[1:]
    fallback = Sms(to=second, from_="Bakery", text=TEXT)
    answer = client.messages.send(Sms(to=first, from_="Bakery", text=TEXT), failover=[fallback])
    print(answer.workflow_id)


if __name__ == "__main__":
    main()
