#!/bin/sh
# The blog as a CGI script: a web server starts it for each request, in any folder. What the server may make of
# the query and hand over as arguments (RFC 3875 §4.4) is left out.
cd "$(dirname "$0")" && exec node --import tsx manage.ts run
