// Shows the description of the API. Writes carry the CSRF token, as those of the web app do.
window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
  requestInterceptor(request) {
    const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1]
    if (token && new URL(request.url, location.href).origin === location.origin) {
      request.headers['X-CSRFToken'] = decodeURIComponent(token)
    }
    return request
  },
})
