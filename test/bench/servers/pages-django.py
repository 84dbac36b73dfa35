"""The pages of the bench in Django, on its own server; see pages.ts. Argument: the SQLite file."""
import os
import sys
import threading

import django
from django.conf import settings

FOLDER = os.path.dirname(os.path.abspath(__file__))
settings.configure(
    DEBUG=False,
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1], "CONN_MAX_AGE": None}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [os.path.join(FOLDER, "templates")],
        }
    ],
    # It sets content-length, without which each connection would end.
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    LOGGING_CONFIG=None,
    USE_TZ=True,
    TIME_ZONE="UTC",
)
django.setup()

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.shortcuts import get_object_or_404, render
from django.urls import path


class Entry(models.Model):
    id = models.CharField(max_length=100, primary_key=True)
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=100)
    content = models.TextField()
    published = models.DateTimeField()
    updated = models.DateTimeField()
    version = models.IntegerField()

    class Meta:
        app_label = "bench"
        db_table = "entry"


def entries(request):
    rows = list(Entry.objects.order_by("-published", "-id")[:11])
    return render(request, "list.djhtml", {"rows": rows[:10], "next": len(rows) > 10})


def entry(request, id):
    return render(request, "entry.djhtml", {"row": get_object_or_404(Entry, pk=id)})


urlpatterns = [path("blog/", entries), path("blog/<str:id>/", entry)]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
server.daemon_threads = True
server.set_app(get_wsgi_application())
print(server.server_port, flush=True)
server.serve_forever()
