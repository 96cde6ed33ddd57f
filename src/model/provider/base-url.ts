/** Whether an address contains no user and no password. Both would appear wherever the address is shown. */
export function hasNoCredentials(url: string): boolean {
  const { username = '', password = '' } = URL.parse(url) ?? {}
  return username === '' && password === ''
}

/** Provider types whose servers answer below `/v1`. */
const VERSIONED_TYPES = ['openai-compatible', 'ollama', 'openai', 'anthropic', 'huggingface']

/** The base URL for a client: an address without a path gets the `/v1` of its provider type. */
export function withVersionPath(type: string, address: string): string {
  if (type === 'ollama') return ollamaBaseUrl(address)
  const { pathname, search, origin } = URL.parse(address) ?? {}
  return VERSIONED_TYPES.includes(type) && pathname === '/' && search === '' && hasNoCredentials(address)
    ? `${origin}/v1`
    : address
}

/** The base URL of an Ollama server. Its own API is at `/api`; the OpenAI protocol is at `/v1`. */
export function ollamaBaseUrl(address: string): string {
  if (!/^https?:\/\//.test(address)) return address
  const base = address.replace(/\/+$/, '').replace(/\/api$/, '')
  return base.endsWith('/v1') ? base : `${base}/v1`
}

const DEFAULT_PORTS: { readonly [scheme: string]: string } = { http: '80', https: '443' }

/**
 * The base URL that `OLLAMA_HOST` means. Ollama reads it as `host`, `host:port` or a URL. Without a scheme the port is
 * 11434. A listening address on all interfaces (`0.0.0.0`) means this machine to a client.
 */
export function ollamaHostUrl(text: string): string {
  const [, scheme, rest = ''] = /^(?:(\w+):\/\/)?(.*)$/s.exec(text.trim().replaceAll(/^["']|["']$/g, '')) ?? []
  const [, place = '', path = ''] = /^([^/]*)(.*)$/s.exec(rest) ?? []
  const isAddress = /^[\da-f.:]*:[\da-f.]*:[\da-f.:]*$/i.test(place)
  const [, host = '', port] = isAddress ? [place, `[${place}]`] : (/^(.*?)(?::(\d+))?$/s.exec(place) ?? [])
  const reached = ['', '0.0.0.0', '[::]'].includes(host) ? '127.0.0.1' : host
  return ollamaBaseUrl(
    `${scheme ?? 'http'}://${reached}:${port ?? (scheme === undefined ? '11434' : DEFAULT_PORTS[scheme])}${path}`,
  )
}
