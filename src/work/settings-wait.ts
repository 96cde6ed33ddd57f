/** Work whose process lacks a setting of its model. The work continues in a process that has the setting. */

const CODES: readonly string[] = [
  'model_unauthorized',
  'model_not_found',
  'model_url_not_found',
  'model_untrusted',
  'no_eligible_model',
  'no_price',
  'peer_missing',
]

/** Whether a failure of this code is mended by the settings of a process: a key, a price, a model or a package. */
export const isOfSettings = (code: string): boolean => CODES.includes(code)
