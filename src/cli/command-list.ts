import type { CommandRecord } from './cli.ts'

/** Commands by name, in the order of help, and how each is loaded: one command needs the modules of no other. */
type CommandLoaders = { readonly [name: string]: () => Promise<CommandRecord> }

/** All commands by the group that `antiphon --help` shows them in; a group is a folder of `commands/`. */
const GROUPS: { readonly [group: string]: CommandLoaders } = {
  Run: {
    run: async () => (await import('./commands/run/run.ts')).runCommand,
    workflows: async () => (await import('./commands/run/workflows.ts')).workflowsCommand,
    runs: async () => (await import('./commands/run/runs.ts')).runsCommand,
    show: async () => (await import('./commands/run/show.ts')).showCommand,
    resume: async () => (await import('./commands/run/resume.ts')).resumeCommand,
    cancel: async () => (await import('./commands/run/cancel.ts')).cancelCommand,
    fork: async () => (await import('./commands/run/fork.ts')).forkCommand,
    replay: async () => (await import('./commands/run/fork.ts')).replayCommand,
    bulk: async () => (await import('./commands/run/bulk.ts')).bulkCommand,
    schedule: async () => (await import('./commands/run/schedule.ts')).scheduleCommand,
  },
  Agent: {
    agent: async () => (await import('./commands/agent/agent.ts')).agentCommand,
    chat: async () => (await import('./commands/run/chat.ts')).chatCommand,
    threads: async () => (await import('./commands/run/threads.ts')).threadsCommand,
  },
  Answer: {
    inbox: async () => (await import('./commands/answer/inbox.ts')).inboxCommand,
    signal: async () => (await import('./commands/answer/signal.ts')).signalCommand,
    settle: async () => (await import('./commands/answer/settle.ts')).settleCommand,
    budget: async () => (await import('./commands/answer/budget.ts')).budgetCommand,
  },
  Author: {
    init: async () => (await import('./commands/author/init.ts')).initCommand,
    validate: async () => (await import('./commands/author/validate.ts')).validateCommand,
    check: async () => (await import('./commands/author/check.ts')).checkCommand,
    plan: async () => (await import('./commands/author/plan.ts')).planCommand,
    tools: async () => (await import('./commands/author/tools.ts')).toolsCommand,
    mcp: async () => (await import('./commands/author/mcp.ts')).mcpCommand,
    models: async () => (await import('./commands/author/models.ts')).modelsCommand,
    schema: async () => (await import('./commands/author/schema.ts')).schemaCommand,
    docs: async () => (await import('./commands/author/docs.ts')).docsCommand,
    completion: async () => (await import('./commands/author/completion.ts')).completionCommand,
  },
  Ask: {
    ask: async () => (await import('./commands/ask/ask.ts')).askCommand,
    chain: async () => (await import('./commands/ask/chain.ts')).chainCommand,
    decide: async () => (await import('./commands/ask/decide.ts')).decideCommand,
    consent: async () => (await import('./commands/ask/consent.ts')).consentCommand,
  },
  Inspect: {
    status: async () => (await import('./commands/inspect/status.ts')).statusCommand,
    audit: async () => (await import('./commands/inspect/audit.ts')).auditCommand,
    cost: async () => (await import('./commands/inspect/cost.ts')).costCommand,
    why: async () => (await import('./commands/inspect/why.ts')).whyCommand,
    tree: async () => (await import('./commands/inspect/tree.ts')).treeCommand,
    logs: async () => (await import('./commands/inspect/logs.ts')).logsCommand,
    top: async () => (await import('./commands/inspect/top.ts')).topCommand,
    pools: async () => (await import('./commands/inspect/pools.ts')).poolsCommand,
    actors: async () => (await import('./commands/inspect/actors.ts')).actorsCommand,
    deadletters: async () => (await import('./commands/inspect/deadletters.ts')).deadLettersCommand,
  },
  Data: {
    memory: async () => (await import('./commands/data/memory.ts')).memoryCommand,
    files: async () => (await import('./commands/data/files.ts')).filesCommand,
    ledger: async () => (await import('./commands/data/ledger.ts')).ledgerCommand,
    'forget-owner': async () => (await import('./commands/data/forget-owner.ts')).forgetOwnerCommand,
    backup: async () => (await import('./commands/data/backup.ts')).backupCommand,
    restore: async () => (await import('./commands/data/restore.ts')).restoreCommand,
    gc: async () => (await import('./commands/data/gc.ts')).gcCommand,
    cache: async () => (await import('./commands/data/cache.ts')).cacheCommand,
    doctor: async () => (await import('./commands/data/doctor.ts')).doctorCommand,
    migrate: async () => (await import('./commands/data/migrate.ts')).migrateCommand,
  },
  Serve: {
    dev: async () => (await import('./commands/serve/dev.ts')).devCommand,
    serve: async () => (await import('./commands/serve/serve.ts')).serveCommand,
    ui: async () => (await import('./commands/serve/ui.ts')).uiCommand,
    keys: async () => (await import('./commands/serve/keys.ts')).keysCommand,
    hooks: async () => (await import('./commands/serve/hooks.ts')).hooksCommand,
    notify: async () => (await import('./commands/serve/notify.ts')).notifyCommand,
    cluster: async () => (await import('./commands/serve/cluster.ts')).clusterCommand,
  },
}

/** Commands that other commands start. Help does not list them. */
const HIDDEN: CommandLoaders = {
  own: async () => (await import('./commands/run/own.ts')).ownCommand,
}

/**
 * The groups with the commands that a command line may need: one, if its first word names it. All for help, for
 * completion, and to find the command that a wrong word may have meant.
 */
export async function loadCommands(args: readonly string[] = []): Promise<Record<string, readonly CommandRecord[]>> {
  const [named] = args.filter((word) => !word.startsWith('-'))
  const all = { ...GROUPS, '': HIDDEN }
  const isOne =
    named !== undefined && named !== COMPLETION && Object.values(all).some((group) => Object.hasOwn(group, named))
  const loaded = Object.entries(all).map(async ([group, loaders]) => {
    const needed = Object.entries(loaders).filter(([name]) => !isOne || name === named)
    return [group, await Promise.all(needed.map(([, load]) => load()))] as const
  })
  return Object.fromEntries(await Promise.all(loaded))
}

/** It describes all commands. */
const COMPLETION = 'completion'
