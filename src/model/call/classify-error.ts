import { type ErrorWords, errorWordsOf, failedGenerationOf, type ProviderError } from './error-words.ts'
import type { CallFault } from './failure-kinds.ts'

/** Classifies a provider's error by status, words, SDK name and network code. Unknown ones are transient. Pure. */
export function classifyError(error: ProviderError): CallFault {
  const words = errorWordsOf(error)
  // the words may repeat what the model wrote
  if ([error, error.cause].some((one) => failedGenerationOf(one as ProviderError) !== undefined)) return 'malformed'
  return faultOfStatus(error, words) ?? faultOfName(error) ?? faultOfNetwork(error) ?? faultOfWords(words) ?? 'network'
}

/** The status alone does not tell why a request was refused, so the words go first where they may say more. */
function faultOfStatus(error: ProviderError, words: ErrorWords): CallFault | undefined {
  const { status } = words
  if (status === undefined) return undefined
  if (status < 300) return 'network'
  if (status < 400) return 'url'
  if (status === 429) return faultAmong(['context_length', 'quota'], words) ?? 'rate_limit'
  if (status === 402) return 'quota'
  if (status === 501) return 'url'
  if (status >= 500) return faultAmong(['malformed', 'context_length'], words) ?? OF_STATUS[status] ?? 'network'
  if (status === 408 || status === 425) return 'timeout'
  if (status === 413) return faultAmong(['context_length', 'rate_limit'], words) ?? 'context_length'
  // a status that the SDK knows as transient, such as a conflict
  if (error.isRetryable) return 'network'
  return faultAmong(IN_REFUSALS, words) ?? OF_STATUS[status] ?? 'rejected'
}

const OF_STATUS: { readonly [status: number]: CallFault } = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  404: 'url',
  405: 'url',
  410: 'url',
  451: 'forbidden',
  503: 'overload',
  529: 'overload',
}

/** Errors of the SDK by which a request is not sent. */
const OF_NAME: { readonly [name: string]: CallFault } = {
  AI_LoadAPIKeyError: 'auth',
  AI_LoadSettingError: 'rejected',
  AI_NoSuchModelError: 'not_found',
  AI_InvalidPromptError: 'rejected',
  AI_InvalidArgumentError: 'rejected',
  AI_UnsupportedFunctionalityError: 'rejected',
  TimeoutError: 'timeout',
}

const faultOfName = ({ name = '' }: ProviderError) => (Object.hasOwn(OF_NAME, name) ? OF_NAME[name] : undefined)

/** Codes of connection errors that a retry cannot fix. */
const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$|ERR_SSL_.*(?:VERSION|PACKET_LENGTH|PROTOCOL|HANDSHAKE|CERT|UNKNOWN_CA))/
const NO_ADDRESS =
  /^(?:ERR_INVALID_URL|ERR_UNSUPPORTED_|HPE_INVALID_(?:CONSTANT|VERSION)|bad port|unknown scheme|invalid url)|invalid url$/i

/** A wrong certificate stays wrong, and a server that does not speak HTTP is not the one that is meant. */
function faultOfNetwork(error: ProviderError): CallFault | undefined {
  let cause: unknown = error
  for (let depth = 0; depth < MAX_CAUSES && typeof cause === 'object' && cause !== null; depth++) {
    const { code, message } = cause as ProviderError
    if (UNTRUSTED.test(String(code))) return 'untrusted'
    if (NO_ADDRESS.test(String(code)) || NO_ADDRESS.test(String(message))) return 'url'
    cause = (cause as ProviderError).cause
  }
  return undefined
}

const MAX_CAUSES = 5

type WordedFault = Extract<
  CallFault,
  | ('context_length' | 'rate_limit' | 'quota' | 'content_filter' | 'forbidden' | 'auth' | 'not_found' | 'url')
  | ('overload' | 'rejected' | 'malformed')
>

/** Whether the words of an error name a fault, in the order in which faults are looked for. */
const TESTS: { readonly [fault in WordedFault]: (text: string) => boolean } = {
  malformed: (text) => MALFORMED.test(text),
  context_length: (text) => isOverLimitAtOnce(text) || (CONTEXT.test(text) && !PER_TIME.test(text)),
  quota: (text) => NO_QUOTA.test(text) || (QUOTA.test(text) && !isQuotaOfTime(text)),
  content_filter: (text) => FILTER.test(text),
  not_found: (text) => MODEL.test(text),
  forbidden: (text) => FORBIDDEN.test(text),
  auth: (text) => KEY.test(text),
  rate_limit: (text) => RATE.test(text),
  overload: (text) => OVERLOAD.test(text),
  url: (text) => PATH.test(text),
  rejected: (text) => /invalid_request/i.test(text),
}
const ORDER = Object.keys(TESTS) as readonly WordedFault[]
/** If a server sends a status, the status says that it refused the request, and words do not. */
const IN_REFUSALS = ORDER.filter((fault) => fault !== 'rejected')

const faultOfWords = (words: ErrorWords) => faultAmong(ORDER, words)

function faultAmong(faults: readonly WordedFault[], { text }: ErrorWords): WordedFault | undefined {
  return faults.find((fault) => TESTS[fault](text))
}

/** Words about a call of the model, or its JSON, that the server could not read. */
const MALFORMED =
  /tool_use_failed|json_validate_failed|malformed[ _](?:function|tool)[ _]?call|(?:error|failed|unable)\b.{0,20}\bpars(?:e|ing)\b.{0,20}\b(?:tool|function)[ _]?calls?|(?:failed|unable) to (?:call|generate)\b.{0,20}\b(?:tool|function)|tool call validation failed/i

const CONTEXT = new RegExp(
  [
    'context.{0,20}(?:length|window|size|limit)',
    'exceed_context|context_(?:length|size|window)',
    'maximum (?:context|prompt|input|sequence)',
    'max(?:imum)?[_ ](?:model[_ ]len|seq(?:uence)?[_ ]len)',
    'too many (?:input |prompt )?tokens',
    '(?:prompt|input|request|message|conversation|text|sequence)s?\\b.{0,40}\\btoo (?:long|large)',
    'too (?:long|large) (?:prompt|input)',
    '(?:reduce|shorten)\\b.{0,30}\\b(?:length|prompt|input|messages|tokens)',
    '\\b(?:token count|tokens|input length|prompt length|number of tokens|length of (?:the )?(?:prompt|messages|input))\\b.{0,60}\\b(?:exceed|longer than|greater than|larger than|over the)',
    '(?:exceed|longer than|more than)\\w*\\b.{0,60}\\b(?:max(?:imum)?|limit)\\b.{0,30}\\b(?:tokens|input)',
    'exceed\\w*\\b.{0,60}\\b(?:token limit|max(?:imum)? (?:input )?length)|range of input length',
    'inputs. tokens \\+|must have (?:less|fewer) than \\d+ (?:input )?tokens',
    'string_above_max_length|request_too_large|payload too large|entity too large',
  ].join('|'),
  'i',
)

/** A limit of tokens for each minute or day is no limit of one request. */
const PER_TIME =
  /\b(?:tokens?|requests?|images?)\b.{0,30}\b(?:per|each|a|every|\/)[ -]?(?:sec|min|hour|day|week|month)|\b[TR]P[MDS]\b|rate[ _-]?limit|throttl|wait before/i

/** A request that exceeds the limit for a whole minute never fits, however long the wait. */
function isOverLimitAtOnce(text: string): boolean {
  const [limit, requested] = [LIMIT, REQUESTED].map((pattern) =>
    Number(pattern.exec(text)?.[1]?.replaceAll(',', '')),
  ) as [number, number]
  return requested > limit && PER_TIME.test(text)
}

const LIMIT = /\blimit:?\s{0,5}(\d[\d,]{0,15})/i
const REQUESTED = /\brequested:?\s{0,5}(\d[\d,]{0,15})/i

const QUOTA = new RegExp(
  [
    'insufficient[ _-](?:quota|balance|credits?|funds)|not enough (?:credits?|balance|money)|out of credits?',
    'credit balance is too low|prepay\\w{0,20}\\b.{0,40}\\b(?:depleted|exhausted|used up)|(?:credits?|balance|free (?:tier|quota)\\b.{0,40})\\b.{0,30}\\b(?:depleted|exhausted|used up|ran out|run out|expired)|credits?[ _-]limit[ _-](?:reached|exceeded)|(?:no|any|more|available|requires?) credits',
    'billing[ _-](?:hard[ _-]limit|not[ _-]active|issue|error)|check your (?:plan and )?billing|payment[ _]required',
    'exceeded[ _-](?:your )?(?:current|monthly|assigned)[ _-](?:quota|usage|spend)|exceeded your monthly',
    '(?:monthly|usage|spending|spend|budget)[ _-](?:usage[ _-])?limits?\\b.{0,40}\\b(?:reached|exceeded|hit)',
    '(?:reached|exceeded|hit)\\b.{0,40}\\b(?:api usage|spending|spend|monthly|budget) limits?',
    'arrearage|account (?:is )?(?:overdue|in arrears|suspended|not active)',
  ].join('|'),
  'i',
)

/** Google allows no request at all: waiting does not help. */
const NO_QUOTA = /\bquota exceeded\b[^\n]{0,200}\blimit:\s?0(?![\d.,]*\d)/i

/** Some servers, such as Google's, call limits of a minute a used-up quota, and others say when they are over. */
const isQuotaOfTime = (text: string) =>
  /resource_exhausted|quota exceeded for metric|(?:again|retry|resets?|available)\b.{0,20}\bin \d/i.test(text) &&
  !/insufficient_quota|prepay/i.test(text)

const FILTER =
  /content[ _-]?(?:policy|filter|management)|prohibited_content|responsible ?ai|input was flagged|flagged (?:by|for)|data_inspection_failed|moderation|safety (?:system|settings|filters?)/i

const MODEL = new RegExp(
  [
    'model[_ -]?not[_ -]?(?:found|exist|available|supported)|unknown[_ ]model|invalid[_ ]model|no such model|unsupported[_ ]model',
    'model_(?:decommissioned|deprecated)|deploymentnotfound|param model\\b',
    '\\bmodels?\\b.{0,120}\\b(?:does not exist|do not exist|doesn.t exist|is not found|was not found|could not be found|not found|is not available|has been (?:decommissioned|deprecated|retired|removed)|is no longer (?:available|supported)|is deprecated|not a valid)',
    '(?:does not|do not|don.t) have access to (?:the )?(?:requested )?model|access to (?:the )?model.{0,80}\\bdenied',
    '(?:could not|cannot|unable to|failed to) (?:find|access|locate) (?:the )?model',
    'not a valid model|no endpoints found|not_found_error.{0,20}model|^model:|deployment\\b.{0,60}\\bdoes not exist|not a chat model',
    'model identifier is invalid',
  ].join('|'),
  'im',
)

const FORBIDDEN =
  /(?:country|region|territory|location)\b.{0,40}\bnot (?:supported|available|allowed)|unsupported_country|(?:not|isn.t) (?:supported|available) in your (?:country|region|location)|permission[ _-]?(?:denied|error)|(?:do(?:es)? not|don.t|lacks?|missing|insufficient) (?:have )?(?:the )?(?:required |sufficient |necessary )?(?:permission|scope|role)s?|has not been used in project|access[ _]?denied|request not allowed/i

const KEY =
  /(?:api|access|auth\w{0,20}|bearer|subscription)?[ _-]?(?:key|token)\b.{0,40}\b(?:not valid|invalid|expired|revoked|disabled|incorrect|missing|required|deactivated)|(?:invalid|incorrect|wrong|missing|expired|malformed|no|bad)[ _-](?:api|access|auth\w{0,20}|x-api)[ _-]?(?:key|token|header)|authentication[ _-]?(?:error|failed|required)|unauthenticated|unauthorized|user not found/i

const RATE =
  /rate[ _-]?limit|resource_exhausted|too many requests|throttl|slow[ _]down|requests? per (?:sec|min|hour|day)|tokens per (?:min|day)|quota exceeded|concurren\w{1,20} limit/i

const OVERLOAD =
  /overloaded|over capacity|at capacity|server (?:is )?busy|high demand|capacity (?:exceeded|constraints)/i

/** Words of web servers about a path that they do not have. */
const PATH =
  /cannot (?:post|get) \/|(?:invalid|unknown|unrecognized) (?:url|path|route|endpoint|request url)|unsupported method|method not allowed/i
