"""Every route has a permission, and the guard holds it to that."""

import msgspec
import pytest

from decision.audit import PermissionRefused, SignedIn, SignInFailed
from decision.roles import Permission
from decision.web.headers import MAX_BODY_BYTES
from decision.web.routes import PUBLIC
from tests.support.console import PASSWORD, PEOPLE, csrf_of

PUBLIC_ROUTES = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/api/v1/alive"),
    ("POST", "/api/v1/session"),
}


def concrete(path: str) -> str:
    for name in ("incident", "system", "user", "kind", "name", "pack", "month"):
        path = path.replace(f"{{{name}}}", "x")
    return path.replace("{number:int}", "0")


class TestTheTable:
    def test_every_route_names_its_permission_or_that_it_is_public(self, core):
        assert len(core.app.routes) > 40
        for route in core.app.routes:
            assert route.access is PUBLIC or isinstance(route.access, Permission), route.path

    def test_only_the_door_is_public(self, core):
        public = {(r.method, r.path) for r in core.app.routes if r.access is PUBLIC}
        assert public == PUBLIC_ROUTES

    def test_no_change_does_without_csrf(self, core):
        assert not [route.path for route in core.app.routes if route.is_csrf_free]

    def test_no_two_routes_are_one(self, core):
        keys = [(route.method, route.path) for route in core.app.routes]
        assert len(keys) == len(set(keys))


class TestTheGuard:
    async def test_nobody_gets_in_without_a_session(self, core):
        async with core.client() as client:
            for route in core.app.routes:
                if route.access is PUBLIC:
                    continue
                answer = await client.request(route.method, concrete(route.path))
                if route.face == "api":
                    assert answer.status_code == 401, route.path
                else:
                    assert answer.status_code == 303, route.path
                    assert answer.headers["location"].startswith("/sign-in"), route.path

    @pytest.mark.parametrize("user_id", PEOPLE)
    async def test_a_role_reaches_what_its_table_says_and_nothing_else(self, core, user_id):
        allowed = core.door.roles.permissions(PEOPLE[user_id][1])
        async with core.client(user_id) as client:
            for route in core.app.routes:
                if route.access is PUBLIC or route.path in ("/stream", "/api/v1/session"):
                    continue
                # A change without its CSRF token is refused too; the permission is asked first.
                answer = await client.request(route.method, concrete(route.path))
                words = "do not allow" in answer.text
                if route.access in allowed:
                    assert not words, route.path
                else:
                    assert answer.status_code == 403, route.path
                    assert words, route.path

    async def test_a_refusal_names_who_could_and_stands_in_the_log(self, core):
        async with core.client("mara") as client:
            answer = await client.get("/audit")
        assert answer.status_code == 403
        assert "supervisor, auditor" in answer.text
        refused = [one.fact for one in core.engine.history("operator/mara")]
        assert PermissionRefused(permission="audit.view", route="GET /audit") in refused

    async def test_a_change_without_the_token_of_the_session_is_refused(self, core):
        async with core.client("ada") as client:
            answer = await client.post("/people", data={"id": "eve", "name": "Eve"})
            assert answer.status_code == 403
            assert core.users.get("eve") is None
            token = csrf_of((await client.get("/people")).text)
            form = {"id": "eve", "name": "Eve", "roles": "auditor", "csrf": token}
            assert (await client.post("/people", data=form)).status_code == 303
        assert core.users.get("eve").roles == ("auditor",)

    @pytest.mark.parametrize(
        "header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
    )
    async def test_a_change_from_another_site_is_refused_even_at_the_door(self, core, header):
        async with core.client() as client:
            form = {"user": "mara", "password": PASSWORD}
            answer = await client.post("/sign-in", data=form, headers=header)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    async def test_a_role_taken_away_is_gone_with_the_next_request(self, core):
        async with core.client("omar") as client:
            assert (await client.get("/audit")).status_code == 200
            omar = core.users.get("omar")
            core.users.put(msgspec.structs.replace(omar, roles=("trainer",)))
            assert (await client.get("/audit")).status_code == 403


class TestTheDoor:
    async def test_the_cookie_is_for_this_server_and_no_script(self, core):
        async with core.client() as client:
            answer = await client.post("/sign-in", data={"user": "mara", "password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert SignedIn in {type(one.fact) for one in core.engine.history("operator/mara")}

    async def test_user_and_password_are_refused_with_the_same_words(self, core):
        async with core.client() as client:
            one = await client.post("/sign-in", data={"user": "mara", "password": "wrong"})
            two = await client.post("/sign-in", data={"user": "nobody9", "password": "wrong"})
        assert one.status_code == two.status_code == 403
        assert "The user or the password is wrong." in one.text
        assert "The user or the password is wrong." in two.text
        assert SignInFailed in {type(one.fact) for one in core.engine.history("operator/mara")}

    async def test_too_many_tries_wait_and_the_right_password_waits_too(self, core):
        async with core.client() as client:
            for _ in range(5):
                await client.post("/sign-in", data={"user": "mara", "password": "wrong"})
            right = {"user": "mara", "password": PASSWORD}
            assert (await client.post("/sign-in", data=right)).status_code == 429
            assert (await client.post("/sign-in", data=right | {"user": "sven"})).status_code == 303
            core.clock.turn(16)
            assert (await client.post("/sign-in", data=right)).status_code == 303

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "x"])
    async def test_the_way_on_stays_on_this_server(self, core, target):
        async with core.client() as client:
            form = {"user": "mara", "password": PASSWORD, "next": target}
            assert (await client.post("/sign-in", data=form)).headers["location"] == "/"

    async def test_signing_out_ends_it(self, core):
        async with core.client("mara") as client:
            assert (await client.get("/help")).status_code == 200
            await client.post("/sign-out")
            assert (await client.get("/help")).status_code == 303

    async def test_a_disabled_user_is_out_at_once(self, core):
        async with core.client("mara") as mara, core.client("ada") as ada:
            token = csrf_of((await ada.get("/people?user=mara")).text)
            form = {"id": "mara", "name": "Mara Lind", "roles": "operator", "is_disabled": "yes"}
            await ada.post("/people", data=form | {"csrf": token})
            assert (await mara.get("/help")).status_code == 303
            right = {"user": "mara", "password": PASSWORD}
            assert (await mara.post("/sign-in", data=right)).status_code == 403

    async def test_ones_own_password_is_changed_with_the_old_one(self, core):
        async with core.client("mara") as client:
            token = csrf_of((await client.get("/help")).text)
            form = {"old": "wrong", "new": "four tall quiet owls", "csrf": token}
            assert (await client.post("/help/password", data=form)).status_code == 403
            form["old"] = PASSWORD
            assert (await client.post("/help/password", data=form)).status_code == 303
            assert (await client.get("/help")).status_code == 303
            again = {"user": "mara", "password": "four tall quiet owls"}
            assert (await client.post("/sign-in", data=again)).status_code == 303


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/static/console.css"])
    async def test_allows_nothing_from_outside(self, core, path):
        async with core.client() as client:
            answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "http" not in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_pages_are_not_kept_by_the_browser(self, core):
        async with core.client("mara") as client:
            assert (await client.get("/")).headers["cache-control"] == "no-store"

    async def test_a_body_without_end_is_cut(self, core):
        async with core.client() as client:
            body = b"user=" + b"a" * MAX_BODY_BYTES
            kind = {"content-type": "application/x-www-form-urlencoded"}
            answer = await client.post("/sign-in", content=body, headers=kind)
        assert answer.status_code == 413

    async def test_no_page_of_ours_names_another_host(self, core):
        async with core.client("sven") as client:
            for path in ("/", "/ledger", "/training", "/audit", "/help"):
                text = (await client.get(path)).text
                assert "http://" not in text, path
                assert "https://" not in text, path
                assert " style=" not in text, path
                assert "<script>" not in text, path
