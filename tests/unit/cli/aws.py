"""A stack on AWS as boto3's clients see it, with answers that a test can change.

Real clients of botocore ask, so that calls are checked against AWS's own service models; so are the answers given here.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from cli.stack import ALARM, EVENT_SOURCE, FUNCTION, NESTED, RULE

NOW = datetime.now(UTC)
REGION = "eu-west-1"
ACCOUNT = "123456789012"
QUEUES = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/1"
STORAGE = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop-Storage/2"

TIMERS, CALLBACKS, CHANGES = (f"{number}0000000-0000-4000-8000-000000000000" for number in (1, 2, 3))

OUTPUTS = {
    "ApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com",
    "StatusUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/status",
    "InboundUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/inbound",
    "SecretId": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop",
    "TableName": "shop-Table",
    "DeadLetterQueueUrl": f"{QUEUES}shop-DeadLetterQueue",
    "CallbackDeadLetterQueueUrl": f"{QUEUES}shop-CallbackDeadLetterQueue",
}
RESOURCES = [
    (FUNCTION, "AdvanceFunction", "shop-Advance"),
    (FUNCTION, "CallbackFunction", "shop-Callback"),
    (FUNCTION, "PublishFunction", "shop-Publish"),
    (FUNCTION, "TickFunction", "shop-Tick"),
    (EVENT_SOURCE, "Timers", TIMERS),
    (EVENT_SOURCE, "Callbacks", CALLBACKS),
    (EVENT_SOURCE, "Changes", CHANGES),
    (RULE, "TickFunctionEveryFiveMinutes", "shop-Every"),
    (ALARM, "TimersLateAlarm", "shop-TimersLate"),
    (NESTED, "Storage", STORAGE),
]
NESTED_RESOURCES = [("AWS::DynamoDB::Table", "Table", "shop-Table"), (ALARM, "DeadLetterAlarm", "shop-DeadLetter")]
SOURCES = {
    TIMERS: ("shop-Advance", f"arn:aws:sqs:{REGION}:{ACCOUNT}:shop-Queue", {"MaximumConcurrency": 4}),
    CALLBACKS: ("shop-Callback", f"arn:aws:sqs:{REGION}:{ACCOUNT}:shop-Callbacks", {"MaximumConcurrency": 2}),
    CHANGES: ("shop-Publish", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/shop-Table/stream/1", {}),
}
VARIABLES = {
    "shop-Advance": {"QUEUE_URL": f"{QUEUES}shop-Queue"},
    "shop-Callback": {"CALLBACK_QUEUE_URL": f"{QUEUES}shop-Callbacks"},
}

BOTOCORE = botocore.session.get_session()
"""One for all, since it keeps the models that it has loaded."""

Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Mapping[str, Any]]


class RefusedError(Exception):
    """AWS's refusal of a call, with its code."""


def summaries(resources: list[tuple[str, str, str]]) -> dict[str, Any]:
    return {
        "StackResourceSummaries": [
            {
                "ResourceType": kind,
                "LogicalResourceId": name,
                "PhysicalResourceId": physical,
                "ResourceStatus": "CREATE_COMPLETE",
                "LastUpdatedTimestamp": NOW,
            }
            for kind, name, physical in resources
        ]
    }


def mapping(asked: Mapping[str, Any]) -> dict[str, Any]:
    function, source, scaling = SOURCES[asked["UUID"]]
    return {
        "UUID": asked["UUID"],
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}",
        "EventSourceArn": source,
        "ScalingConfig": scaling,
        "State": "Enabled",
        "LastProcessingResult": "OK",
    }


def alarm(name: str, state: str = "OK") -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": state, "AlarmDescription": f"{name} says why"}


HEALTHY: dict[tuple[str, str], Answer] = {
    ("cloudformation", "DescribeStacks"): {
        "Stacks": [
            {
                "StackId": STACK,
                "StackName": "shop",
                "StackStatus": "UPDATE_COMPLETE",
                "CreationTime": NOW - timedelta(days=3),
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()],
            }
        ]
    },
    ("cloudformation", "ListStackResources"): lambda asked: summaries(
        NESTED_RESOURCES if asked["StackName"] == STORAGE else RESOURCES
    ),
    ("secretsmanager", "GetSecretValue"): {"SecretString": '{"operator_secret": "operators-secret"}'},
    ("lambda", "GetEventSourceMapping"): mapping,
    ("lambda", "GetFunctionConfiguration"): lambda asked: {
        "Environment": {"Variables": VARIABLES.get(asked["FunctionName"], {})}
    },
    ("lambda", "GetFunctionRecursionConfig"): {"RecursiveLoop": "Allow"},
    ("lambda", "GetAccountSettings"): {
        "AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    },
    ("sqs", "GetQueueAttributes"): {
        "Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
    },
    ("events", "DescribeRule"): {"Name": "shop-Every", "State": "ENABLED"},
    ("cloudwatch", "GetMetricStatistics"): lambda asked: {
        "Datapoints": [{"Timestamp": NOW, "Sum": 1.0 if asked["MetricName"] == "Invocations" else 0.0}]
    },
    ("cloudwatch", "DescribeAlarms"): lambda asked: {"MetricAlarms": [alarm(name) for name in asked["AlarmNames"]]},
    ("dynamodb", "Scan"): {"Count": 0},
    ("dynamodb", "PutItem"): {},
    ("sts", "GetCallerIdentity"): {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ann"},
    ("dynamodb", "DescribeTimeToLive"): {
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    },
    ("dynamodb", "DescribeContinuousBackups"): {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
        }
    },
}


class Session:
    """What `boto3.Session` makes clients with; tests replace `answers[service, operation]`."""

    region_name = REGION

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer] = dict(HEALTHY)
        self.clients: dict[str, Any] = {}

    def client(self, service: str, config: Any = None) -> Any:
        if service not in self.clients:
            self.clients[service] = self._new_client(service, config)
        return self.clients[service]

    def _new_client(self, service: str, config: Any) -> Any:
        client = BOTOCORE.create_client(
            service,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        client.meta.events.register("before-parameter-build", _remember)
        client.meta.events.register("before-call", self._answer)  # type: ignore[arg-type]
        return client

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, Mapping[str, Any]]:
        """In place of the network."""
        answer = self.answers[model.service_model.service_name, model.name]
        try:
            given = answer(context["asked"]) if callable(answer) else answer
            if isinstance(given, Exception):
                raise given
        except RefusedError as refusal:
            return SimpleNamespace(status_code=400), {"Error": {"Code": str(refusal), "Message": "no"}}
        if model.output_shape is not None:
            report = ParamValidator().validate(given, model.output_shape)
            assert not report.has_errors(), report.generate_report()
        return SimpleNamespace(status_code=200), given


def _remember(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["asked"] = params
