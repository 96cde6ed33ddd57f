import { TerminalError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { NO_USAGE, withFailedUsage } from '../../model/cost/usage.ts'
import type { Models } from '../../model/models.ts'
import type { CallOptions } from '../../model/request/request.ts'
import { askRules, refuserOf } from './ask-rules.ts'
import type { RuledRequest, Rules } from './house-rules.ts'

type CallKind = RuledRequest['kind']
type RequestOf<Kind extends CallKind> = Parameters<Models[Kind]>[0]
type ReplyOf<Kind extends CallKind> = Awaited<ReturnType<Models[Kind]>>

/** Models whose calls the rules of the house stand around: the only way from work to a provider. */
export function ruledModels<M extends Models>(models: M, rules: Rules): M {
  const around =
    <Kind extends CallKind, Options extends CallOptions>(
      kind: Kind,
      call: (request: RequestOf<Kind>, options: Options) => Promise<ReplyOf<Kind>>,
    ) =>
    (request: RequestOf<Kind>, options: Options): Promise<ReplyOf<Kind>> => {
      const asked = rules.of(options.payer?.work?.rules).filter(({ model }) => model)
      return asked.length === 0
        ? call(request, options)
        : callRuled(
            { asked, limit: rules.limit, kind, work: options.payer?.work?.for, model: models.default.id },
            request,
            (left) => call(left, options),
          )
    }
  return {
    ...models,
    generate: around('generate', (request, options: Parameters<Models['generate']>[1]) =>
      models.generate(request, options),
    ),
    relay: around('relay', (call, options: Parameters<Models['relay']>[1]) => models.relay(call, options)),
    embed: around('embed', (request, options) => models.embed(request, options)),
    transcribe: around('transcribe', (request, options) => models.transcribe(request, options)),
    draw: around('draw', (request, options) => models.draw(request, options)),
    speak: around('speak', (request, options) => models.speak(request, options)),
  }
}

type Terms<Kind extends CallKind> = {
  readonly asked: ReturnType<Rules['of']>
  readonly limit: number
  /** of a request that names none */
  readonly model: string
  readonly kind: Kind
  readonly work: RuledRequest['for']
}

async function callRuled<Kind extends CallKind>(
  { asked: rules, limit, kind, work, model: standard }: Terms<Kind>,
  request: RequestOf<Kind>,
  call: (request: RequestOf<Kind>) => Promise<ReplyOf<Kind>>,
): Promise<ReplyOf<Kind>> {
  const model = nameIn(request) ?? standard
  const asked = await askRules<RequestOf<Kind>, ReplyOf<Kind>>({
    rules,
    given: request,
    limit,
    ask: (rule, given, next) =>
      rule.model!({ kind, request: { ...given }, refuse: refuserOf(rule), ...(work && { for: work }) }, next),
    accept(given) {
      if (nameIn(given) === nameIn(request)) return given
      throw new TerminalError(OTHER_MODEL, { code: 'rule_failed', hint: 'Name it where the work is written.' })
    },
    read: (answer, called) => readReply(kind, model, answer, called),
    made: (why, called) => withFailedUsage(why, spentOf(called)),
  })
  return asked.type === 'answered' ? asked.answer : asked.end(call(asked.given))
}

const nameIn = (request: RequestOf<CallKind>) => ('id' in request ? request.id : request.model)

/** The place in the pool, the budget and the limits are those of the model. */
const OTHER_MODEL = 'The call was not made: a rule may change a request, but not its model.'

/** The field that a reply of each kind has, and those that it may leave out. */
const FORMS: { readonly [Kind in CallKind]: readonly [field: string, others?: object] } = {
  generate: ['text', { citations: [] }],
  relay: ['reply'],
  embed: ['vectors'],
  transcribe: ['text', { segments: [] }],
  draw: ['pictures'],
  speak: ['audio'],
}

/** A reply as rules left it. They say neither which model answered nor what that cost. */
function readReply<Kind extends CallKind>(
  kind: Kind,
  model: string,
  answer: unknown,
  called?: ReplyOf<Kind>,
): ReplyOf<Kind> {
  if (called && answer === called) return called
  if (!isReply(kind, answer))
    throw new TerminalError(`Expected a reply with \`${FORMS[kind][0]}\` from the rules.`, { code: 'rule_failed' })
  const facts = called ? spentOf(called) : { model, usage: NO_USAGE, cost: 0, cached: true as const }
  return { ...FORMS[kind][1], ...answer, ...facts }
}

const isReply = <Kind extends CallKind>(kind: Kind, answer: unknown): answer is ReplyOf<Kind> =>
  typeof answer === 'object' && answer !== null && FORMS[kind][0] in answer

const spentOf = (called: ReplyOf<CallKind>) => ({
  model: called.model,
  usage: 'usage' in called ? called.usage : NO_USAGE,
  ...present({ cost: called.cost }),
})
