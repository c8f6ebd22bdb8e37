"""A domain of one's own: nothing of it without one, and with one every URL in the outputs is under it."""

from typing import Any

import pytest

from tests.template.stack import TEMPLATE

OUTPUTS = TEMPLATE["Outputs"]
HAS_DOMAIN = "HasDomain"


@pytest.mark.parametrize(("output", "path"), [("ApiUrl", ""), ("StatusUrl", "/status"), ("InboundUrl", "/inbound")])
def test_each_url_is_under_the_domain_if_there_is_one(output: str, path: str) -> None:
    amazons = f"https://${{Api}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}{path}"

    assert OUTPUTS[output]["Value"] == {
        "Fn::If": [HAS_DOMAIN, {"Fn::Sub": f"https://${{DomainName}}{path}"}, {"Fn::Sub": amazons}]
    }


def test_without_a_domain_nothing_of_it_is_created_and_with_one_it_leads_to_the_api() -> None:
    domain, mapping = (TEMPLATE["Resources"][name] for name in ("Domain", "DomainOfApi"))

    assert TEMPLATE["Conditions"][HAS_DOMAIN] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}
    assert TEMPLATE["Parameters"]["DomainName"]["Default"] == ""
    assert {thing.get("Condition") for thing in (domain, mapping, OUTPUTS["DomainTarget"])} == {HAS_DOMAIN}
    assert mapping["Properties"]["DomainName"] == {"Ref": "Domain"}
    assert mapping["Properties"]["ApiId"] == {"Ref": "Api"}
    [configuration] = domain["Properties"]["DomainNameConfigurations"]
    assert (configuration["EndpointType"], configuration["SecurityPolicy"]) == ("REGIONAL", "TLS_1_2")


def test_a_domain_without_a_certificate_is_refused_with_a_sentence() -> None:
    rule: dict[str, Any] = TEMPLATE["Rules"]["DomainHasCertificate"]

    assert rule["RuleCondition"] == TEMPLATE["Conditions"][HAS_DOMAIN]
    assert [each["Assert"] for each in rule["Assertions"]] == [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    ]
