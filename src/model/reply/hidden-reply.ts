import type { Json } from '../../kernel/json.ts'
import type { Redaction } from '../../secret/redaction.ts'
import type { AssistantPart, GenerateOptions, ModelReply } from '../request/request.ts'

type Hide = Redaction['hide']

/** The reply without secrets: a model may repeat its key, as a server does that shows its request. */
export function hiddenReply({ said, ...rest }: ModelReply, hide: Hide): ModelReply {
  const safe = hide(rest as Json) as ModelReply
  return said === undefined ? safe : { ...safe, said: hiddenParts(said, hide) }
}

/** A secret may stand in two texts of a message. They are shown as one text, so they become one. */
function hiddenParts(said: readonly AssistantPart[], hide: Hide): readonly AssistantPart[] {
  const safe = hide(said as Json) as readonly AssistantPart[]
  const whole = safe.flatMap(({ type, text }) => (type === 'text' ? [String(text)] : [])).join('')
  const text = hide(whole)
  if (text === whole) return safe
  const first = safe.findIndex(({ type }) => type === 'text')
  return safe.flatMap(({ whole: _, ...part }, at) =>
    part.type !== 'text' ? [part] : at === first ? [{ ...part, text }] : [],
  )
}

/** Makes a call whose listener hears no secrets. One that comes in pieces is hidden, too. */
export async function hidingCall(
  options: GenerateOptions,
  { hide, showStream }: Pick<Redaction, 'hide' | 'showStream'>,
  call: (options: GenerateOptions) => Promise<ModelReply>,
): Promise<ModelReply> {
  const { onDelta, onRestart } = options
  if (!onDelta) return hiddenReply(await call(options), hide)
  // the key is read when the call begins
  let stream: ReturnType<typeof showStream> | undefined
  const tell = (text: string) => text !== '' && onDelta(text)
  const hear = (text: string) => {
    stream ??= showStream()
    tell(stream.push(text))
  }
  try {
    const again = (reason: string) => {
      stream = undefined
      onRestart?.(reason)
    }
    return hiddenReply(await call({ ...options, onDelta: hear, onRestart: again }), hide)
  } finally {
    if (stream && !options.signal.aborted) tell(stream.end())
  }
}
