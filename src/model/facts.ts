import type { ErrorCodes } from '../errors.ts'

/** The error codes of models and their providers. */
export const modelCodes = {
  no_eligible_model: { as: 'InvalidError', means: 'no known model meets the requirements' },
  refused: { status: 422, exit: 1, means: 'there is nothing to answer from, or the model refuses to answer' },
  context_overflow: { status: 422, exit: 1, means: 'the prompt exceeds the context of the model' },
  model_filtered: { status: 422, exit: 1, means: 'a content filter of the provider blocked the request' },
  model_rejected: { status: 422, exit: 1, means: 'the provider rejected the request' },
  model_malformed_call: {
    status: 422,
    exit: 1,
    means: 'the model wrote a call that its provider cannot read, and did so again when it was told',
  },
  model_unauthorized: { status: 422, exit: 1, means: 'the provider does not accept the key, or there is none' },
  model_forbidden: { status: 422, exit: 1, means: 'the key may not use the model, or not from this region' },
  model_quota_spent: {
    status: 422,
    exit: 1,
    means: 'the account at the provider has no money left, or reached its limit',
  },
  model_not_found: { status: 422, exit: 1, means: 'the provider does not have the model' },
  model_url_not_found: { status: 422, exit: 1, means: 'the address of the provider has no such path' },
  model_untrusted: {
    status: 422,
    exit: 1,
    means: 'the certificate of the provider is not trusted, or its server does not speak TLS',
  },
  recording_changed: { as: 'InvalidError', means: 'a recorded model got a request that differs from the recorded one' },
  recording_missing: {
    as: 'InvalidError',
    means: 'a recorded model has no reply to the request, and may not record one',
  },
  invalid_recording: { as: 'InvalidError', means: 'the file of a recorded model cannot be read' },
  model_rate_limited: { status: 503, exit: 1 },
  model_unavailable: { status: 503, exit: 1 },
  model_stream_broken: {
    status: 503,
    exit: 1,
    means: 'the reply of a model broke off in the middle, and did so again when the model was asked once more',
  },
  model_overloaded: { status: 503, exit: 1 },
  model_timeout: { status: 504, exit: 1 },
} as const satisfies ErrorCodes
