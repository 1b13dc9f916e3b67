"""A crawler of two task parameters, with a setting of every kind and a function, for the forms."""

from __future__ import annotations

from typing import Any

from squids.crawlers.interface import (
    Column,
    Crawler,
    Function,
    Outcome,
    Param,
    ParamError,
    Params,
    Request,
    Response,
)


class Places(Crawler):
    slug = "test-places"
    name = "Test places"
    task_params = (
        Param("city", required=True, label="City", example="Lisbon"),
        Param("country", label="Country"),
    )
    squid_params = (
        Param("recipe", "json", label="Recipe"),
        Param("depth", "integer", default=3, minimum=1, maximum=9),
        Param("images", "boolean", default=True),
        Param("language", "choice", allowed=("en", "fr")),
        Param("token", required=True),
    )
    functions = (Function("email", "E-mails", 9000, help="Looks for an address."),)
    columns = (Column("name"),)
    max_concurrency = 5
    credits_per_row = 2500

    def check_settings(self, params: Params) -> dict[str, Any]:
        checked = super().check_settings(params)
        recipe = checked.get("recipe")
        if isinstance(recipe, dict) and not str(recipe.get("price", ".")).startswith("."):
            raise ParamError("recipe.price", "a selector starts with a dot")
        return checked

    def start(self, task: Params, settings: Any) -> list[Request]:
        return [Request(f"http://places.test/{task['city']}")]

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        return Outcome([{"name": response.text}])
