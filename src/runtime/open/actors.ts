import { agentActors } from '../../agent/agent.ts'
import { goalAnswerer } from '../../agent/answerer/answerer.ts'
import type { AgentServices } from '../../agent/goal/services.ts'
import { phaseAnswerer } from '../../chain/chain.ts'
import { phaseActor } from '../../chain/phases/phase-actor.ts'
import { createLimits } from '../../chain/protocol/limits.ts'
import type { ChainServices, MemoryOfOwner } from '../../chain/protocol/phase.ts'
import { chainReaders } from '../../chain/room/readers.ts'
import { limitsOf } from '../../chain/settings.ts'
import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { kindsWithoutOwner, type Ownership } from '../../house/owned.ts'
import type { Actor } from '../../kernel/types.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { pipelineActors } from '../../pipeline/pipeline.ts'
import { roomActors, roomOwnership } from '../../rooms/rooms.ts'
import { runActor } from '../../run/actor/run-actor.ts'
import { queueActor } from '../../run/later/queue-actor.ts'
import { openSteps } from '../../step/actor/open-steps.ts'
import { threadActor } from '../../thread/thread.ts'
import { callServices } from '../services/call-services.ts'
import { lazyMediaFiles } from '../services/files/media-programs.ts'
import { questionHearing } from '../services/files/transcriber.ts'
import { ownActor } from '../services/secrets.ts'
import { type AgentSteps, agentServices } from './agent-services.ts'
import { LANGUAGES } from './languages.ts'
import type { Live } from './live.ts'
import type { ComposedParts, Services } from './services.ts'

/** All actors of a runtime, and the services of its goals. InvalidError when two have the same kind. */
export function createActors(
  config: Config,
  parts: ComposedParts,
  services: Services,
  steps: AgentSteps,
  live: Live,
): { readonly actors: readonly Actor[]; readonly goals: AgentServices } {
  const { values, pools, phases, domains, ownDomains, domainFiles, models: plain } = services
  const { redact } = parts.secrets
  const more = {
    domains,
    ownDomains,
    ...(domainFiles && { domainFiles }),
    ...(plain.embedder && { embedder: plain.embedder }),
  }
  const limits = createLimits(limitsOf(config.chain))
  const media = lazyMediaFiles({ readings: () => live.ports.files.readings, values, programs: services.programs })
  const chain: ChainServices = {
    models: steps.models,
    patience: steps.patience,
    pools,
    phases,
    ...chainReaders(values, steps.root, config.folder, media),
    verdicts: (owner) => live.ports.files.verdicts(owner),
    hear: questionHearing(media, { ...plain, transcribe: steps.models.transcribe }),
    redact,
    limits,
    learn: config.chain?.learn ?? true,
    calls: callServices(config, services.toolbox, { readParts: steps.readParts, peek: steps.peek, values }),
    ...((config.restate === undefined || config.memory?.url !== undefined) && {
      memory: memoryIn(live),
      sharing: config.ledger?.sharing !== undefined,
    }),
    ...more,
  }
  const goals = agentServices(config, services, steps, {
    redact,
    files: () => live.ports.files,
    media,
    ...(parts.notice && { notice: parts.notice }),
  })
  const { actors: ofSteps, quick } = openSteps(steps, (all) =>
    Object.assign({}, ...LANGUAGES.map((language) => language.works(all))),
  )
  const actors = [
    runActor({ languages: LANGUAGES.map((language) => language.turns(steps, quick)) }),
    ...ofSteps,
    ...pipelineActors(),
    queueActor(),
    threadActor({ phases: phaseAnswerer(chain), goals: goalAnswerer(limits) }, limits),
    phaseActor(chain),
    ...agentActors(goals),
    ...roomActors(config, () => live.ports.house),
    ...(parts.actors ?? []).map((actor) => ownActor(actor, redact)),
  ]
  checkKinds(actors)
  nameUnowned(actors, parts)
  return { actors, goals }
}

/** The owners of the actors of a runtime, as rooms and the program say. */
export const ownershipOf = ({ owns = [] }: Pick<ComposedParts, 'owns'>): readonly Ownership[] => [
  ...roomOwnership,
  ...owns,
]

/** Tells of kinds of which nothing says to whom they belong. InvalidError for an entry without actors. */
function nameUnowned(actors: readonly Actor[], parts: ComposedParts): void {
  const { owns = [], actors: own = [], notice = (line) => process.emitWarning(line) } = parts
  const kinds = own.map(({ kind }) => kind)
  for (const { kind } of owns) if (!kinds.includes(kind)) throw noSuchKind(kind, kinds)
  const unowned = kindsWithoutOwner(
    actors.map(({ kind }) => kind),
    ownershipOf(parts),
  )
  if (unowned.length === 0) return
  const what = unowned.length === 1 ? `Actors of the kind ${unowned[0]}` : `Actors of the kinds ${unowned.join(', ')}`
  notice(
    `${what} say nothing of their owner, so \`antiphon forget-owner\` leaves what they hold. Say it: owns: [{ kind: '${unowned[0]}' }]`,
  )
}

function noSuchKind(kind: string, kinds: readonly string[]): InvalidError {
  const near = nearestWord(kind, kinds)
  return new InvalidError(`\`owns\` names the kind ${kind}, and there are no such actors.`, {
    place: { path: 'owns' },
    hint: near === undefined ? 'Give the actors, too: actors: [ … ]' : `Did you mean ${near}?`,
  })
}

/** The memories of a runtime, which are opened after its actors. */
function memoryIn(live: Live): MemoryOfOwner {
  return Object.assign((owner: string) => live.ports.memory(owner), { mayHold: () => live.ports.memory.mayHold() })
}

/** InvalidError when two actors have the same kind. */
function checkKinds(actors: readonly Actor[]): void {
  const kinds = actors.map(({ kind }) => kind)
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index)
  if (twice !== undefined)
    throw new InvalidError(`There are two actors of kind ${twice}.`, { hint: 'Rename your actor kind.' })
}
