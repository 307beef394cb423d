"""The JSON API of booking, below /c/<code>/api/. See docs/api.md and booking/openapi.json."""
