import { buffer } from 'node:stream/consumers'
import { openRequests } from '../../access/room/open-port.ts'
import { replyReader } from '../../agent/room/conversation/history.ts'
import { openCalls } from '../../agent/room/conversation/open-calls.ts'
import { createConversations } from '../../agent/room/conversation/open-port.ts'
import { isPaidModel } from '../../budget/room/charging/unbounded.ts'
import { createTools } from '../../calls/room/open-port.ts'
import { PUBLIC, publicOwner } from '../../commons/share.ts'
import { addLocalFile } from '../../file/room/local-files.ts'
import { runRef } from '../../house/actors.ts'
import { inboxMark, itemsBelow, runtimeInbox } from '../../inbox/room/list-inbox.ts'
import type { InboxPort } from '../../inbox/room/port.ts'
import { toRef } from '../../lib/media/file-ref.ts'
import { createPipelines } from '../../pipeline/room/open-port.ts'
import { openRooms } from '../../rooms/rooms.ts'
import { rejectChildId } from '../../run/room/start-ids.ts'
import { openThreads } from '../../thread/room/asks.ts'
import { threadChanges } from '../../thread/room/read-threads.ts'
import { forgetWork } from '../maintenance/retention/runs.ts'
import { createCatalogue } from '../services/catalogue.ts'
import { fileFetcher } from '../services/files/fetch-file.ts'
import { knownFiles } from '../services/files/goal-files.ts'
import { STEPS } from '../services/pools.ts'
import { createHouse, type HouseParts } from './create-house.ts'
import { createWork, type WorkParts } from './create-work.ts'

type Parts = Omit<WorkParts, 'files'> & Omit<HouseParts, 'checkName'>

export type OpenPorts = ReturnType<typeof createPorts>

/** The ports of a runtime that work through its engine, with operations for its steps and its server. */
export function createPorts(parts: Parts) {
  const { config, services, engine, clock, activity, admit } = parts
  const openTools = config.serve?.tools ?? []
  const { values, toolbox, models, pools } = services
  const work = createWork({ ...parts, files: () => rooms.files })
  const { compiler, threads, forks, openRuns, goals } = work
  const { port: runs } = openRuns
  const checkName = (owner: string) => {
    if (owner === PUBLIC && config.ledger?.sharing) throw publicOwner()
  }
  const house = createHouse({ ...parts, checkName }, runs, threads, () => ({
    rooms,
    inbox,
    asks,
    costOfRun: work.costOfRun,
    work: { runs, goals: goals.port, pipelines },
  }))
  const rooms = openRooms(house)
  const waiting = {
    view: engine.view,
    values,
    findFiles: (ids: readonly string[], owner: string) => knownFiles(rooms.files, ids, owner),
  }
  const asks = openThreads({
    engine,
    activity,
    ...services,
    threads,
    budgets: rooms.budgets,
    openTools,
    ...(config.ledger && { ledger: rooms.ledger }),
    ...(config.ledger?.sharing && { sharing: rooms.priors.sharing }),
    itemsBelow: (of) => itemsBelow(waiting, of),
    readReply: replyReader(engine.view),
    filesOf: async (thread, owner) =>
      (await rooms.files.list({ owner, use: `thread/${thread}`, limit: 1000 })).map(toRef),
    files: {
      resolve: (...given) => rooms.files.resolve(...given),
      addLocal: (path, owner) => addLocalFile(rooms.files, path, owner, config.files),
      head: async (file, owner, end) => buffer((await rooms.files.open(file, { owner, end })).content()),
    },
    ids: {
      isRun: async (id) => (await engine.view.peek(runRef(id))) !== undefined,
      rejectChild: (id) => rejectChildId(engine.view, id),
    },
    memory: rooms.memory,
    remember: config.memory?.remember ?? false,
    admit,
  })
  const { port: conversations, order: orderMessage } = createConversations({
    engine,
    activity,
    admit,
    threads,
    files: rooms.files,
    goals: {
      prepare: goals.prepare,
      cancel: goals.port.cancel,
      awaitingStep: work.rest.awaitingStep,
    },
  })
  const inbox: InboxPort = { list: runtimeInbox(waiting, rooms.memory), ...asks.inbox }
  const { pool } = pools.find(STEPS)
  const pipelines = createPipelines({ engine, values, compiler, models, pool, admit, changes: forks.changes })
  return {
    pipelines,
    runs,
    tools: createTools({
      runs: openRuns,
      values,
      toolbox,
      openTools,
      approve: config.tools?.approve ?? 'default',
      rules: services.rules.names,
    }),
    agents: work.agents,
    goals: goals.port,
    ...rooms,
    recordCitation: rooms.priors.recordCitation,
    threads: {
      ...asks.port,
      ...threadChanges(engine, {
        forget: (work) => forgetWork(engine, clock, work),
        hasOpen: async (goal) => (await openCalls(engine.view, goal)).length > 0,
      }),
    },
    conversations,
    inbox,
    catalogue: createCatalogue({ ...services, redact: (text) => parts.steps.secrets?.shown(text) ?? text }),
    serving: {
      checkName,
      ...openRuns.serving,
      ...goals.serving,
      ...asks.serving,
      ...openRequests(house),
      inboxMark: (owner?: string) => inboxMark(waiting, rooms.memory, owner),
      fetchFile: fileFetcher(() => services.toolServices.web()),
      isPaid: (model?: string) => isPaidModel(models, model),
    },
    house,
    forSteps: { openThread: threads.open, orderGoal: goals.orderGoal, orderMessage },
    resumeForCode: work.resumeForCode,
    resumeForSettings: work.resumeForSettings,
  }
}
