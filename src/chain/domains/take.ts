import { problemOf } from '../../errors.ts'
import type { EffectCall, Effects } from '../../kernel/types.ts'
import { generateInPool } from '../../model/pool/generate-in-pool.ts'
import type { AskWork } from '../../thread/protocol/ask-state.ts'
import type { ConfiguredDomains, Domain, DomainPart } from '../../thread/protocol/domain.ts'
import type { ModelChoice } from '../../thread/protocol/phase-types.ts'
import { AUTO_DOMAIN, GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import type { ChainServices } from '../protocol/phase.ts'

type DomainChooser = Pick<ChainServices, 'models' | 'pools'>

/** The domain of an ask, as its record and its events name it: not `general`, unless it was chosen. */
export const domainOf = ({ domain, ofDomain }: Pick<AskWork, 'domain' | 'ofDomain'>) =>
  domain === GENERAL_DOMAIN && !ofDomain?.chosen ? {} : { domain }

/**
 * The work of an ask that begins, with everything that it takes of its domain: it keeps that until it ends. `auto` is
 * replaced by the domain that was chosen.
 */
export async function withDomain(
  asked: AskWork,
  effects: Effects,
  own: ConfiguredDomains,
  chooser: DomainChooser,
): Promise<AskWork> {
  if (asked.domain === GENERAL_DOMAIN) return asked
  const work = asked.domain === AUTO_DOMAIN ? await withChosen(asked, effects, own, chooser) : asked
  const domain = own.get(work.domain)
  return domain ? inDomain(work, domain) : work
}

// choosing

/** The model that chooses: it costs nothing and reads nothing but the question. */
const CHOOSER = 'offline/extractive'
const OTHERS = 'something else'
const UNSURE = 'no domain surely fits this question, so none is used; --domain NAME names one'

type Choice = { readonly domain: string; readonly problem?: string }

async function withChosen(
  work: AskWork,
  effects: Effects,
  own: ConfiguredDomains,
  chooser: DomainChooser,
): Promise<AskWork> {
  const choose = async (call: EffectCall): Promise<Choice> => {
    try {
      return { domain: await chooseDomain(work.prompt, own, chooser, call) }
    } catch (error) {
      call.signal.throwIfAborted()
      return { domain: GENERAL_DOMAIN, problem: problemOf(error).message }
    }
  }
  const { domain, problem } = await effects.run('domain', choose, { effect: 'pure' })
  const chosen = { ...work, domain, ofDomain: { chosen: true } as const }
  if (domain !== GENERAL_DOMAIN) return chosen
  const why = problem === undefined ? UNSURE : `no domain was chosen: ${problem}`
  return { ...chosen, degraded: [...work.degraded, { phase: 'action', reason: why, completed: true }] }
}

/** The domain whose `about` and terms fit a question; `general` when the choice is not sure. */
async function chooseDomain(
  prompt: string,
  own: ConfiguredDomains,
  { models, pools }: DomainChooser,
  { signal, idempotencyKey: key }: EffectCall,
): Promise<string> {
  const described = [...own].flatMap(([name, domain]) =>
    domain.about === undefined ? [] : [[name, [domain.about, ...(domain.termsIn?.(prompt) ?? []).flat()].join(', ')]],
  )
  const request = {
    task: { kind: 'choose' as const, choices: { ...Object.fromEntries(described), [GENERAL_DOMAIN]: OTHERS } },
    documents: [{ name: 'question', text: prompt }],
    instruction: 'Which of these is the question about?',
    model: CHOOSER,
  }
  const { pool } = pools.find({ phase: 'action', modality: 'text' })
  const { text, refused, unsure } = await generateInPool(pool, models, request, { signal, key })
  return refused === undefined && !unsure && own.has(text) ? text : GENERAL_DOMAIN
}

// taking

function inDomain(work: AskWork, { checks, otherwise, models, sources, tools, ...domain }: Domain): AskWork {
  const { instructions, notice } = domain
  const terms = domain.termsIn?.(work.prompt) ?? []
  const part: DomainPart = {
    ...work.ofDomain,
    ...(instructions && { instructions }),
    ...(notice !== undefined && { notice }),
    ...(terms.length > 0 && { terms }),
  }
  return {
    ...work,
    sources: [...work.sources, ...sources],
    ...(tools && !work.quick && { tools: { names: tools, ...work.tools } }),
    models: models ? withDefaults(work.models, models) : work.models,
    ...(checks && { checks: [...new Set([...(work.checks ?? []), ...checks])] }),
    ...(otherwise && { otherwise }),
    ...(Object.keys(part).length > 0 && { ofDomain: part }),
  }
}

/** The models that an ask names come first, and its `default` is for all phases. */
function withDefaults(own: ModelChoice, defaults: ModelChoice): ModelChoice {
  if (own.default !== undefined) return own
  const isFree = ([phase]: readonly [string, unknown]) => own[phase.split('.')[0]!] === undefined
  return { ...Object.fromEntries(Object.entries(defaults).filter(isFree)), ...own }
}
