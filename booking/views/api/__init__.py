"""The JSON API of booking, below /c/<clinic code>/api/. See docs/api.md and booking/openapi.json."""
