import { resolve } from 'node:path'
import { type Agent, type AgentTool, partsOfAgent } from '../../agent/definition/agent-value.ts'
import type { ProgramCode } from '../../agent/room/agents/documents.ts'
import type { AgentData } from '../../agent/room/agents/port.ts'
import { hashOfAgent } from '../../agent/room/agents/program-code.ts'
import type { ConversationsPort, MessageFile, MessageRequest } from '../../agent/room/conversation/port.ts'
import { unboundedNotice } from '../../budget/room/charging/unbounded.ts'
import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { type AppFiles, filesOfApp } from '../../file/room/local-files.ts'
import type { Json } from '../../kernel/json.ts'
import { isFileId } from '../../lib/media/file-ref.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { shown } from '../../lib/shown.ts'
import type { RunDocument } from '../../run/document.ts'
import type { FollowedRunEvent } from '../../run/room/documents.ts'
import type { RunRequest, WhichPipeline } from '../../run/room/port.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { schedulesOfApp } from '../../schedule/room/of-app.ts'
import { checkContext } from '../../work/origin/call-for.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'
import { type Client, createClient } from '../client/client.ts'
import type { AgentsClient, GoalsClient } from '../client/ports.ts'
import { startWorkflow, type WorkflowRun, type WorkflowRunOptions } from '../client/workflow-run.ts'
import { runToEnd } from '../server/run-pipeline.ts'
import { ACTS_FOR, WHOLE } from '../wire/peer-headers.ts'
import type { CodeNeeds } from './check-code.ts'
import type { OwnerConnection } from './connection.ts'
import { type Conversation, type ConversationOptions, openConversation } from './conversation.ts'
import { createMounts, type Mounts } from './handler.ts'
import { type AppPipelines, checkWorkflow, sourceOf } from './targets.ts'

/** Options of a run of one of the program's pipelines. */
export type AppRunOptions = Omit<RunRequest, keyof WhichPipeline | 'trusted' | 'offered'> & {
  /** Called with each event of the run, in order: the durable ones with their number `n`, and output of models. */
  onEvent?(event: FollowedRunEvent): void
  /** stops waiting: the call rejects with the reason of the signal, and the run continues */
  readonly signal?: AbortSignal
}

/** The owner that a request of the program is for; absent: the user of the data folder. */
type ForOwner = { readonly owner?: string }

/** Agents at run time, each of its owner. */
export interface AppAgents extends Pick<AgentsClient, 'list'> {
  /** Stores an agent under a name, as the newest version. InvalidError `invalid_agent` when it is wrong. */
  put(name: string, definition: AgentData, options?: ForOwner): ReturnType<AgentsClient['put']>
  /** Reads the newest version, or the version with that hash. NotFoundError when there is none. */
  get(name: string, options?: ForOwner & { readonly version?: string }): ReturnType<AgentsClient['get']>
  /** Removes an agent with all its versions. Its goals continue. NotFoundError when there is none. */
  remove(name: string, options?: ForOwner): Promise<void>
}

/**
 * antiphon in a program. It has the ports of a client, and works in the same way whether this process or another one
 * owns the data folder. If the owner ends, this process may take its place, and pending calls continue. `await using`
 * stops it.
 */
export interface App<Pipeline extends string = string>
  extends Omit<Client, 'attend' | 'handOver' | 'goals' | 'agents' | 'files'>,
    Mounts,
    AsyncDisposable {
  /** The data folder, an absolute path. */
  readonly data: string
  /**
   * The runtime of this process, with what only the owner of the data folder has: the engine of your actors, `idle()`,
   * `broken()`. Undefined while another process owns the folder.
   */
  readonly runtime: Runtime | undefined
  /** Agents that are put while the program works. Conversations and goals of their owner name them. */
  readonly agents: AppAgents
  readonly files: AppFiles
  readonly goals: Omit<GoalsClient, 'start'> & {
    /** Gives a goal to an agent, and resolves with its id once the goal is durable. It may begin later, or in turn. */
    start<Context = Json>(
      request: Omit<Parameters<GoalsClient['start']>[0], 'agent' | 'context'> &
        ForOwner & {
          readonly agent: string | Agent<unknown, readonly AgentTool[], Context>
          readonly context?: NoInfer<Context>
        },
    ): ReturnType<GoalsClient['start']>
  }
  /**
   * A handle on a conversation. The first message stores the conversation. The same id of the same owner is the same
   * conversation, even in a later process.
   */
  conversation<Output = unknown, Context = Json>(
    agent: string | Agent<Output, readonly AgentTool[], Context>,
    id: string,
    options?: ConversationOptions<NoInfer<Context>>,
  ): Conversation<Output>
  /**
   * Starts a run of a workflow, and resolves with its handle once the run is durable. The same `id` starts one run.
   * @throws InvalidError if the input does not fit, or the owner of the data folder has no such workflow; `id_taken` if
   * the id belongs to a run of another workflow or input
   */
  start<Input, Output>(
    workflow: Workflow<string, Input, Output>,
    input: NoInfer<Input>,
    options?: WorkflowRunOptions,
  ): Promise<WorkflowRun<Output>>
  /**
   * Runs one of the program's pipelines, and resolves with its document when it has ended, even if it failed. Repeated
   * calls with the same `id` refer to one run.
   */
  run(pipeline: Pipeline, options?: AppRunOptions): Promise<RunDocument>
  /**
   * Ends the work of this process. Pending calls and streams reject with a CancelledError `stopped`. If this process is
   * the owner, it stops the runtime, and turns in progress get `grace` ms to end (absent: as long as they take). An
   * owner in another process continues.
   */
  stop(options?: { readonly grace?: number }): Promise<void>
}

type AppParts = {
  readonly config: Config
  /** the agents that the program passed to `start`, without their sub-agents */
  readonly agents: readonly Agent[]
  /** tells the operator a line */
  notice(line: string): void
  readonly code: ProgramCode
  readonly pipelines: AppPipelines
}

/** ms that running turns get at the end of `await using` */
const DISPOSE_GRACE_MS = 5_000
/** ms before a stream that was cut off is opened again; the connection waits for the next owner itself */
const STREAM_PAUSE_MS = 20
const STREAM_PATIENCE_MS = 60_000

/** The handles of a program over its connection. */
export function openApp(connection: OwnerConnection, { config, agents, code, pipelines, notice }: AppParts): App {
  const clientFor = ({ owner, ...needs }: CodeNeeds & ForOwner = {}): Client =>
    createClient((request) => connection.fetch(request, needs), {
      base: 'http://antiphon',
      headers: { [WHOLE]: 'runs', ...(owner !== undefined && { [ACTS_FOR]: nameOfOwner(owner) }) },
      reconnect: { patience: STREAM_PATIENCE_MS, pause: STREAM_PAUSE_MS },
    })
  const { attend: _, handOver: __, ...client } = clientFor()
  let isTold = false
  const mounts = createMounts(connection, config, { agents: agents.map(({ name }) => name), onVisitors })
  const { stop } = mounts

  /** Tells once that visitors spend without a limit. */
  function onVisitors(offered: readonly string[]): void {
    const isPaid = connection.runtime?.serving.isPaid
    if (!isPaid || isTold) return
    const spenders = agents.filter(({ name }) => offered.includes(name)).map(spenderOf)
    const line = unboundedNotice({ agents: spenders, ...(config.budgets && { budgets: config.budgets }), isPaid })
    if (line === undefined) return
    isTold = true
    notice(line)
  }

  /** Needs of a request to an agent. InvalidError for a value that this program was not started with. */
  function needsOf(agent: MessageRequest['agent']): Required<CodeNeeds> & { readonly name: string } {
    if (typeof agent === 'string') return { name: agent, agents: [agent], tools: [] }
    const parts = partsOfAgent(agent)
    if (!parts) throw notAnAgent()
    const { name } = agent
    if (code.agents[name] !== hashOfAgent(agent as Agent)) throw notStarted(name)
    return { name, agents: [name], tools: parts.code.map((tool) => tool.name) }
  }

  function conversationsOf(owner: string): ConversationsPort {
    const prepared = ({ agent, owner: _, files, ...message }: MessageRequest) => {
      const { name, ...needs } = needsOf(agent)
      const { conversations } = clientFor({ owner, ...needs })
      // paths are those of this process
      return {
        conversations,
        message: { ...message, agent: name, ...(files && { files: files.map(onThisMachine) }) },
      }
    }
    return {
      async post(given) {
        const { conversations, message } = prepared(given)
        return conversations.post(message)
      },
      async send(given, wait) {
        const { conversations, message } = prepared(given)
        return conversations.send(message, wait)
      },
      get: (...given) => clientFor({ owner }).conversations.get(...given),
      stop: (...given) => clientFor({ owner }).conversations.stop(...given),
      events: (...given) => clientFor({ owner }).conversations.events(...given),
    }
  }

  /** The ports of a handle; a client is made when one is used, so an idle handle is small. */
  const portsOf = (owner: string) => ({
    conversations: conversationsOf(owner),
    get threads() {
      return clientFor({ owner }).threads
    },
    get goals() {
      return clientFor({ owner }).goals
    },
  })

  return {
    ...client,
    ...mounts,
    data: config.data,
    get runtime() {
      const { runtime } = connection
      return runtime && { ...runtime, stop }
    },
    agents: agentsOfApp(client, (of) => clientFor(ownerIn(of))),
    files: filesOfApp(client.files),
    schedules: schedulesOfApp(client.schedules),
    goals: {
      ...client.goals,
      async start({ agent, owner, context, files, ...given }) {
        const { name, ...needs } = needsOf(agent)
        const request = {
          ...given,
          ...(files && { files: files.map(onThisMachine) }),
          ...(context !== undefined && { context: checkContext(context) }),
        }
        return clientFor({ ...needs, ...ownerIn({ owner }) }).goals.start({ ...request, agent: name })
      },
    },
    tools: {
      call: async (calls, options) => clientFor({ tools: calls.map(({ tool }) => tool) }).tools.call(calls, options),
    },
    conversation: (agent, id, { owner = LOCAL_OWNER, context } = {}) =>
      openConversation(portsOf(owner), agent, id, {
        owner,
        ...(context !== undefined && { context: context as Json }),
      }),
    async start(workflow, input, { owner, ...options } = {}) {
      checkWorkflow(workflow)
      return startWorkflow(clientFor(ownerIn({ owner })), workflow, input, options)
    },
    async run(pipeline, { onEvent, signal, owner, ...request } = {}) {
      const { runs } = clientFor(ownerIn({ owner }))
      const following = { ...(onEvent && { onEvent }), ...(signal && { signal }) }
      return runToEnd(runs, { ...request, ...sourceOf(pipelines, pipeline) }, following)
    },
    [Symbol.asyncDispose]: () => stop({ grace: DISPOSE_GRACE_MS }),
  }
}

const agentsOfApp = (client: Pick<Client, 'agents'>, clientOf: (of?: ForOwner) => Client): AppAgents => ({
  list: client.agents.list,
  put: (name, definition, of) => clientOf(of).agents.put(name, definition),
  get: (name, { version, ...of } = {}) => clientOf(of).agents.get(name, version === undefined ? {} : { version }),
  remove: (name, of) => clientOf(of).agents.remove(name),
})

const onThisMachine = (file: MessageFile) => (typeof file === 'string' && !isFileId(file) ? resolve(file) : file)

/** The budget and the models of an agent, as its definition says. */
function spenderOf(agent: Agent): Parameters<typeof unboundedNotice>[0]['agents'][number] {
  const { budget, model } = partsOfAgent(agent)!.fields
  return { name: agent.name, ...(budget !== undefined && { budget }), ...(model !== undefined && { model }) }
}

/** Alone the owner of given options. */
const ownerIn = ({ owner }: { readonly owner?: string | undefined } = {}): ForOwner =>
  owner === undefined ? {} : { owner }

/** A program without types may give anything, which a header would turn into a text. */
function nameOfOwner(owner: unknown): string {
  if (typeof owner === 'string') return owner
  throw new InvalidError(`Expected the name of an owner, got ${shown(owner)}.`, { place: { path: 'owner' } })
}

function notAnAgent(): InvalidError {
  return new InvalidError('Expected the name of an agent, or an agent made by defineAgent.', {
    code: 'invalid_agent',
    place: { path: 'agent' },
    hint: 'Define it with defineAgent, and give it to start: start({ agents: [agent] }).',
  })
}

function notStarted(name: string): InvalidError {
  return new InvalidError(`The agent ${name} was not given to start.`, {
    code: 'invalid_agent',
    place: { path: 'agent' },
    hint: 'Give it to start: start({ agents: [agent] }).',
  })
}
