from __future__ import annotations

from django.urls import path

from runs.views import files, help, pages, usage, verbs

app_name = "runs"

urlpatterns = [
    path("usage", usage.page, name="usage"),
    path("help/stop-reasons", help.stop_reasons, name="stop_reasons"),
    path("squids/<str:uid>/launch", verbs.launch, name="launch"),
    path("runs/<str:uid>", pages.results, name="detail"),
    path("runs/<str:uid>/tasks", pages.tasks, name="tasks"),
    path("runs/<str:uid>/credits", pages.costs, name="credits"),
    path("runs/<str:uid>/rows/<int:number>", pages.row, name="row"),
    path("runs/<str:uid>/logs", pages.logs, name="logs"),
    path("runs/<str:uid>/logs.txt", files.log_file, name="log_file"),
    path("runs/<str:uid>/download.<str:ending>", files.download, name="download"),
    path("files/<str:uid>.<str:ending>", files.linked_file, name="linked_file"),
    path("runs/<str:uid>/abort", verbs.abort, name="abort"),
    path("runs/<str:uid>/pause", verbs.pause, name="pause"),
    path("runs/<str:uid>/resume", verbs.resume, name="resume"),
    path("runs/<str:uid>/retry", verbs.retry, name="retry"),
]
