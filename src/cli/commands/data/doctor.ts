import { accessSync, constants, existsSync } from 'node:fs'
import { is } from '../../../errors.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import { localEmbedder } from '../../../model/embed/local-embedder.ts'
import { isNode } from '../../../runtime/data-folder/node-record.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import type { SandboxSettings } from '../../../sandbox/choose.ts'
import { findOwner } from '../../../store/data-folder/owner.ts'
import type { OwnerRecord } from '../../../store/data-folder/owner-record.ts'
import { checkStoredFormat } from '../../../store/data-folder/stored-format.ts'
import { describeSecrets } from '../../arguments/secret-value.ts'
import { type Cli, command, loadSetup, type Setup } from '../../cli.ts'
import { ownerStatus } from '../../connect/ask-owner.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'
import { type Check, type Examination, runExamination } from '../../doctor/check.ts'
import {
  acceptLoss,
  checkStrandedActors,
  describeLoss,
  describeReplica,
  describeRetention,
  examineDeep,
} from '../../doctor/data-folder.ts'
import { describeDomains } from '../../doctor/domains.ts'
import { describeLedger } from '../../doctor/ledger.ts'
import { describeMachine, machineExaminations, measureFsync } from '../../doctor/machine.ts'
import { describeMedia } from '../../doctor/media.ts'
import { describeMemories } from '../../doctor/memory.ts'
import { callModelOnce } from '../../doctor/model.ts'
import { describeNotify, untakenNotices } from '../../doctor/notify.ts'
import { examineStore } from '../../doctor/store.ts'
import { describeSystems } from '../../doctor/systems.ts'
import { formatDuration, localTime } from '../../terminal/format.ts'
import { giveUpCommand, moveCommand } from './doctor-turns.ts'

export const doctorCommand = command({
  name: 'doctor',
  about:
    'Check this machine, the data folder and the model. Calls the configured model once. Exit code 1 if something needs attention.',
  options: [
    ['--json', 'print the checks as JSON'],
    ['--deep', 'read all stored data and name what is damaged'],
    ['--accept-loss', 'first accept that acknowledged work is lost (error code corrupt)'],
  ],
  at: 'folder',
  commands: [moveCommand, giveUpCommand],
  examples: ['doctor', 'doctor --data /var/lib/antiphon --json'],
  async run(cli, { json = false, data, deep = false, acceptLoss: isAccepted = false }) {
    if (isAccepted) await acceptLoss(cli, data)
    const checks: Check[] = []
    // before anything opens the folder, which writes to it
    const stored = deep ? await examineDeep(cli, await loadSetup(cli, data)) : []
    for (const check of examinations(cli, data, deep)) checks.push(await runExamination(check, cli.terminal.folder))
    const config = await loadSetup(cli, data)
    const store = await examineStore(config, cli.terminal.folder)
    checks.push(...store.checks)
    checks.push(...stored)
    const ok = checks.every((check) => check.ok)
    const isKnown = checks.some(({ name, ok }) => name === 'cores' && ok)
    const machine = isKnown ? describeMachine(config.machine) : {}
    if (json) cli.terminal.json({ ok, checks, ...machine, ...(store.survey && { cluster: store.survey }) })
    else
      for (const check of checks)
        cli.terminal.out(`${check.ok ? 'ok  ' : 'BAD '} ${check.name.padEnd(9)} ${check.text}`)
    return ok ? 0 : 1
  },
})

function describeDisk({ data, durability = 'power', restate }: Setup): string {
  if (restate || isNode(data))
    return `fsync takes ${formatDuration(measureFsync(data))}; the Restate server decides what survives`
  const lasts =
    durability === 'power' ? 'survives a loss of power' : 'survives the end of the process, not a loss of power'
  return `fsync takes ${formatDuration(measureFsync(data))}; acknowledged work ${lasts} (durability: ${durability})`
}

function examinations(cli: Cli, data: string | undefined, deep: boolean): readonly Examination[] {
  const place = () => loadSetup(cli, data)
  let status: Promise<RuntimeStatus | undefined> | undefined
  // asked once: a silent process would be silent for every check
  const owner = async () => (status ??= statusFrom((await place()).data))
  const scratch = () => withScratchRuntime(cli, async (runtime) => runtime.status())
  return [
    { name: 'node', look: () => `${process.versions.node}, needs 22.18 or newer` },
    { name: 'data', look: async () => describeFolder((await place()).data) },
    { name: 'disk', look: async () => describeDisk(await place()) },
    ...machineExaminations(async () => (await place()).machine ?? {}),
    { name: 'sandbox', look: async () => describeSandbox((await place()).sandbox) },
    { name: 'media', look: async () => describeMedia(await place()) },
    {
      name: 'model',
      look: async () => describeModel((await owner()) ?? (await scratch()), (id) => callModelOnce(cli, data, id)),
    },
    { name: 'encoder', look: async () => describeEncoder(await place()) },
    { name: 'domains', look: async () => describeDomains(await place()) },
    { name: 'secrets', look: async () => describeSecrets((await place()).data, cli.terminal.environment) },
    {
      name: 'notify',
      look: async () => describeNotify(await place(), cli.terminal.environment, () => untakenNotices(cli, data)),
    },
    { name: 'phases', look: async () => describeOwnPhases(await place()) },
    { name: 'memory', look: () => owner().then(() => describeMemories(cli, data)) },
    { name: 'ledger', look: () => owner().then(() => describeLedger(cli, data, deep)) },
    { name: 'data loss', look: () => owner().then(() => describeLoss(cli, data)) },
    { name: 'replica', look: () => owner().then(() => describeReplica(cli, data)) },
    { name: 'actors', look: () => owner().then(() => checkStrandedActors(cli, data)) },
    { name: 'retention', look: () => owner().then(() => describeRetention(cli, data)) },
    // behind `data loss`, which the first runtime over the folder tells
    { name: 'systems', look: () => owner().then(() => describeSystems(cli, data)) },
  ]
}

async function describeOwnPhases({ ofChain: config }: Setup): Promise<string> {
  if (!config?.phases?.length) return 'no files of your own'
  const [{ loadPhases }, { phaseKey }, { importsIn }] = await Promise.all([
    import('../../../chain/define/load-phases.ts'),
    import('../../../chain/phases/registry.ts'),
    import('../../../tool/loaded/imported-files.ts'),
  ])
  const found = await loadPhases(config.phases, config.folder, importsIn(config.folder))
  return found.map(({ phase, origin }) => `${phaseKey(phase)} by ${origin.file}, hash ${origin.hash}`).join('; ')
}

async function describeFolder(data: string): Promise<string> {
  if (!existsSync(data)) return `${data}, not created yet; the first run creates it`
  accessSync(data, constants.W_OK)
  const owner = await findOwner(data)
  if (owner) return `${data}, owned by ${describeOwner(owner)}`
  checkStoredFormat(data)
  return `${data}, no process owns it`
}

function describeOwner({ pid, command, startedAt, epoch, url }: OwnerRecord): string {
  const network = url === undefined ? '' : `, answers at ${url}`
  return `process ${pid} (${command}) since ${localTime(startedAt)}, epoch ${epoch}${network}`
}

/** Undefined without an owner, or if it is about to end; a TerminalError if it is silent. */
async function statusFrom(data: string): Promise<RuntimeStatus | undefined> {
  try {
    return existsSync(data) ? await ownerStatus(await findOwner(data)) : undefined
  } catch (error) {
    if (!is(error) || error.code === 'owned') throw error
    return undefined
  }
}

// below the texts of the table
const MODEL_HINT = `${' '.repeat(15)}To use a language model: set ANTIPHON_MODEL, for example to ollama/llama3.2.`

async function describeModel({ model }: RuntimeStatus, reach: (id: string) => Promise<string>): Promise<string> {
  if (model.offline) return `${model.id}, offline: ${model.why}\n${MODEL_HINT}`
  return `${model.id}: ${model.why}; ${await reach(model.id)}`
}

function describeEncoder({ embedder = 'offline' }: Setup): string {
  if (embedder === 'none') return 'switched off: passages are ranked by words'
  if (embedder !== 'offline') return `${embedder}: passages are ranked by meaning`
  if (localEmbedder()) return 'installed: passages are ranked by meaning'
  return 'not installed (optional): passages are ranked by words'
}

/** The sandbox that code gets here, and how its disk is bounded. None is fine: not everybody runs code. */
async function describeSandbox(settings: SandboxSettings = {}): Promise<string> {
  const { createSandboxes, WATCHED_DISK } = await import('../../../sandbox/choose.ts')
  const sandboxes = createSandboxes(settings)
  try {
    const { name, disk } = await sandboxes.choose()
    const size = formatSize(sandboxes.limits.disk)
    if (disk === 'sized') return `${name}: code can write ${size} at most, in memory`
    return disk === 'watched' ? `${name}: ${WATCHED_DISK} (${size})` : name
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'sandbox_missing') throw error
    return (error as Error).message
  }
}
