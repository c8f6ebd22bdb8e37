"""The telephones behind accounts: noted once, found from either side, confirmed once all that follows is done."""

from getthrough.adapters import table_keys
from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.table import Table
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.ports import Aliases
from tests.builders import FIRST, SECOND
from tests.contract.conftest import RACES

USER_ID, PARENT = (contact_of("whatsapp", name) for name in ("GB.13491208655302741918", "GB.ENT.11815799212886844830"))
PHONE, OTHER = contact_of("sms", FIRST), contact_of("sms", SECOND)


def test_an_account_is_nobodys_until_it_is_noted(aliases: Aliases) -> None:
    assert (aliases.phone_of(USER_ID), aliases.accounts_of(PHONE)) == (None, [])
    assert not aliases.is_confirmed(USER_ID, PHONE)


def test_an_account_is_found_by_its_telephone_and_the_other_way_round(aliases: Aliases) -> None:
    assert aliases.add(USER_ID, PHONE)

    assert (aliases.phone_of(USER_ID), aliases.accounts_of(PHONE), aliases.accounts_of(OTHER)) == (PHONE, [USER_ID], [])


def test_an_alias_is_confirmed_by_itself(aliases: Aliases) -> None:
    aliases.add(USER_ID, PHONE)
    assert not aliases.is_confirmed(USER_ID, PHONE)

    aliases.confirm(USER_ID, PHONE)

    assert (aliases.is_confirmed(USER_ID, PHONE), aliases.is_confirmed(USER_ID, OTHER)) == (True, False)
    assert aliases.accounts_of(PHONE) == [USER_ID]


def test_a_telephone_may_have_several_accounts(aliases: Aliases) -> None:
    for account in (USER_ID, PARENT):
        assert aliases.add(account, PHONE)
        aliases.confirm(account, PHONE)

    assert aliases.accounts_of(PHONE) == [USER_ID, PARENT]


def test_noting_it_again_changes_nothing_and_another_telephone_does_not_take_it(aliases: Aliases) -> None:
    assert [aliases.add(USER_ID, phone) for phone in (PHONE, PHONE, OTHER)] == [True, True, False]
    assert aliases.phone_of(USER_ID) == PHONE


def test_a_removed_alias_is_nobodys_and_may_become_anothers(aliases: Aliases) -> None:
    aliases.add(USER_ID, PHONE)
    aliases.confirm(USER_ID, PHONE)

    aliases.remove(USER_ID, OTHER)
    assert aliases.phone_of(USER_ID) == PHONE
    aliases.remove(USER_ID, PHONE)

    assert (aliases.phone_of(USER_ID), aliases.accounts_of(PHONE)) == (None, [])
    assert not aliases.is_confirmed(USER_ID, PHONE)
    assert aliases.add(USER_ID, OTHER)


@RACES
def test_a_removal_that_died_half_way_is_made_up_for_by_its_copy(store: str) -> None:
    aliases = DynamoAliases(store)
    aliases.add(USER_ID, PHONE)
    aliases.confirm(USER_ID, PHONE)
    Table(store).delete(table_keys.alias(USER_ID))

    aliases.remove(USER_ID, PHONE)

    assert (aliases.accounts_of(PHONE), aliases.is_confirmed(USER_ID, PHONE)) == ([], False)


@RACES
def test_a_removal_that_comes_too_late_leaves_the_link_to_another_telephone(store: str) -> None:
    """Our client sends a deletion again if its answer is lost. Meanwhile the account may have become another's."""
    aliases, late = DynamoAliases(store), DynamoAliases(store)
    aliases.add(USER_ID, PHONE)
    late.phone_of = lambda account: PHONE  # type: ignore[method-assign]
    aliases.remove(USER_ID, PHONE)
    aliases.add(USER_ID, OTHER)

    late.remove(USER_ID, PHONE)

    assert (aliases.phone_of(USER_ID), aliases.accounts_of(OTHER)) == (OTHER, [USER_ID])
