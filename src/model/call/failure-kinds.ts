/** The faults of a model call, each with its error code and remedy. */
export const CALL_FAULTS = {
  rate_limit: { code: 'model_rate_limited', remedy: 'retry' },
  overload: { code: 'model_overloaded', remedy: 'retry' },
  network: { code: 'model_unavailable', remedy: 'retry' },
  // the call has been repeated already
  broken: { code: 'model_stream_broken', remedy: 'fallback' },
  timeout: { code: 'model_timeout', remedy: 'retry' },
  context_length: { code: 'context_overflow', remedy: 'shrink' },
  auth: { code: 'model_unauthorized', remedy: 'fallback' },
  forbidden: { code: 'model_forbidden', remedy: 'fallback' },
  quota: { code: 'model_quota_spent', remedy: 'fallback' },
  not_found: { code: 'model_not_found', remedy: 'fallback' },
  url: { code: 'model_url_not_found', remedy: 'fallback' },
  untrusted: { code: 'model_untrusted', remedy: 'fallback' },
  content_filter: { code: 'model_filtered', remedy: 'fail' },
  // the model has been told several times
  malformed: { code: 'model_malformed_call', remedy: 'correct' },
  // the model has been asked again with more room
  truncated: { code: 'model_truncated_output', remedy: 'correct' },
  rejected: { code: 'model_rejected', remedy: 'fallback' },
} as const

export type CallFault = keyof typeof CALL_FAULTS

/**
 * `retry`: the same call later · `shrink`: with less text · `fallback`:
 * another model, if the author allows it · `correct`: the model learns what
 * it did wrong, or gets more room · `fail`: nothing helps.
 */
type Remedy = (typeof CALL_FAULTS)[CallFault]['remedy']

/** The remedy for an error code; undefined for a code that no model call has. */
export function remedyOf(code: string): Remedy | undefined {
  return Object.values(CALL_FAULTS).find((fault) => fault.code === code)?.remedy
}

/** The hint for a person about a fault of a model; undefined if waiting helps, or the provider's words say it. */
export function hintOf(fault: CallFault | 'no_answer' | 'no_pictures', model: string): string | undefined {
  const [provider = model, ...name] = model.split('/')
  const entry = `the provider ${provider}, under providers: in antiphon.yaml`
  const HINTS: { readonly [fault in Parameters<typeof hintOf>[0]]?: string } = {
    auth: `Check the key of ${entry} (keyEnv or key), or the variable that holds it.`,
    forbidden: `The key is valid, but may not use this model from here. Check what the account of ${entry} allows.`,
    quota: `Add money or raise the limit of the account at ${entry}, then continue.`,
    not_found: `${pullOf(provider, name.join('/'))}Check the name ${name.join('/') || model}, and that the account of ${entry} has access to it.`,
    url: `Check baseURL of ${entry}: the server has no such path. Many end with /v1.`,
    no_answer: `${startOf(provider)} Check also baseURL of ${entry}.`,
    no_pictures: `If ${model} reads no pictures, say so under models: in antiphon.yaml ({ id: ${model}, modalities: [text] }), then continue: it gets one line for each file.`,
    malformed:
      'To ask again, resume the work. If this repeats, name another model: its provider cannot read what this one writes.',
    untrusted: `Check baseURL of ${entry}, and the certificate of that server (NODE_EXTRA_CA_CERTS names your own).`,
  }
  return HINTS[fault]
}

/** How to start the server of a provider that gives no answer. */
const startOf = (provider: string) =>
  provider === 'ollama' ? 'Start Ollama: ollama serve.' : 'Check that the server of the provider runs.'

/** Ollama serves a model only after it has been downloaded. */
const pullOf = (provider: string, name: string) =>
  provider === 'ollama' ? `Download the model: ollama pull ${name}. ` : ''
