"""The local stack's emulator as an empty AWS account, into which SAM deploys: `... emulated_account LOGS CODE`.

SAM gives CloudFormation the template as it is. What the emulator then would not understand is rewritten here, after the
emulator's own translation: the API's routes, its address, and the functions' code. What was built is for Lambda's
processor, which is another than this computer's; `CODE` is the s3:// address of an archive that runs here.
"""

import json
import os
import sys
from typing import Any

from samtranslator.translator import transform

from local.stack import emulator
from local.stack.settings import HOST
from local.stack.template import write_routes_out

ADDRESS = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"


def main() -> None:
    bucket, _, key = sys.argv.pop().removeprefix("s3://").partition("/")
    here = f"http://{HOST}:{os.environ['GATEWAY_PORT']}/_aws/execute-api/${{Api}}/$default"
    translate = transform.transform

    def translate_for_the_emulator(*given: Any) -> dict[str, Any]:
        template: dict[str, Any] = json.loads(json.dumps(translate(*given)).replace(ADDRESS, here))
        write_routes_out(template)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Lambda::Function":
                resource["Properties"]["Code"] = {"S3Bucket": bucket, "S3Key": key}
        return template

    emulator.replace(transform, "transform", translate_for_the_emulator)
    emulator.main()


if __name__ == "__main__":
    main()
