/**
 * How a reply ended, as its provider reports it. `cut`: its end is missing.
 * `refused`: the model or a filter declined. `malformed`: it wrote a call that cannot be read. `broken`: it broke off.
 */
export type ReplyEnding =
  | { readonly type: 'whole' | 'broken' }
  | { readonly type: 'refused' | 'malformed'; readonly why: string }
  | CutEnding

/** `by`: the limit of tokens, or the provider for a reason of its own. `word`: the provider's own word. */
export type CutEnding = { readonly type: 'cut'; readonly by: 'tokens' | 'provider'; readonly word: string }

/** `unified`: the AI SDK's word. `raw`: the provider's own one. */
export type FinishReason = { readonly unified: string; readonly raw?: string | undefined }

/** How a reply ended. The provider's word decides where the SDK has `stop` or `other`; unknown: a whole reply. */
export function endingOf({ unified, raw = '' }: FinishReason): ReplyEnding {
  if (MALFORMED.test(raw)) return { type: 'malformed', why: raw }
  if (unified === 'error' || unified === 'interrupted') return { type: 'broken' }
  if (REFUSAL.test(raw)) return { type: 'refused', why: 'it refused to answer' }
  if (unified === 'content-filter') return { type: 'refused', why: FILTERED }
  if (unified === 'length') return { type: 'cut', by: 'tokens', word: raw || unified }
  if (unified !== 'tool-calls' && PAUSED.test(raw)) return { type: 'cut', by: 'provider', word: raw }
  return unified === 'other' || unified === 'unknown' ? endingOfWord(raw) : { type: 'whole' }
}

function endingOfWord(word: string): ReplyEnding {
  if (TOKENS.test(word)) return { type: 'cut', by: 'tokens', word }
  if (FILTER.test(word)) return { type: 'refused', why: FILTERED }
  if (BROKEN.test(word)) return { type: 'broken' }
  return EARLY.test(word) ? { type: 'cut', by: 'provider', word } : { type: 'whole' }
}

/** A sentence about the missing end of a cut reply. */
export function describeEnding(
  model: string,
  { by, word }: CutEnding,
  { maxTokens }: { readonly maxTokens?: number },
): string {
  if (word === NO_FINISH_REASON) return `the reply of ${model} ended without a reason, so its end may be missing`
  if (by === 'provider') return `the provider of ${model} ended the reply early (${word}), so its end may be missing`
  const limit = maxTokens === undefined ? '' : ` (${maxTokens})`
  return `the reply of ${model} ended at its limit of tokens${limit}, so its end is missing`
}

/** The word for a stream that ended without a finish reason. */
export const NO_FINISH_REASON = 'no_finish_reason'

const REFUSAL = /^refusal$/i
const FILTERED = 'the provider filtered the reply'

/** Google's words, which gateways pass on with words before them. */
const MALFORMED = /\b(?:malformed_(?:function_call|response)|(?:unexpected|too_many)_tool_calls?)$/i
/** The provider stopped in the middle of its own work, and would continue. */
const PAUSED = /^(?:pause_turn|compaction)$/i
const TOKENS =
  /^(?:(?:finish_reason_)?length|(?:max|output)_?(?:output|new|completion)?_?(?:tokens?|length)(?:_(?:reached|exceeded))?|model_length|token_?limit(?:_reached|_exceeded)?|(?:model_)?context_(?:window|length)_exceeded|continuation)$/i
const FILTER =
  /^(?:(?:image_)?(?:safety|recitation)|image_prohibited_content|blocklist|prohibited_content|spii|sensitive|moderation|guardrail_intervened|content[_-]?filter(?:ed)?|data_inspection_failed|error_toxic)$/i
const BROKEN =
  /^(?:error|abort(?:ed)?|cancell?ed|failed|interrupted|timeout|(?:network|server|engine)_error|insufficient_system_resource|overload(?:ed)?)$/i
const EARLY = /^(?:other|image_other|language|incomplete|unfinished|no_finish_reason|time_limit)$/i
