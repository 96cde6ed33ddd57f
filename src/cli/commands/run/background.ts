import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import { makePrivateFolder } from '../../../store/files/private.ts'
import { engineArguments } from '../../arguments/options.ts'
import { type Cli, loadSetup } from '../../cli.ts'
import { type Session, type SessionOptions, withRuntime } from '../../connect/session.ts'

/** Runs work that outlives this command: in the folder's owner, in a process started for it, or on a server. */
export async function withBackground(
  cli: Cli,
  options: SessionOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  if (options.server !== undefined) return withRuntime(cli, options, work)
  const { data } = await loadSetup(cli, options.data)
  let child: ChildProcess | undefined
  let logged = 0
  const checkWait = () => {
    if (child && child.exitCode === null && child.signalCode === null) return
    if (child && child.exitCode !== 0) throw couldNotStart(data, logged)
    logged = statSync(logOf(data), { throwIfNoEntry: false })?.size ?? 0
    child = startOwner(cli, data)
  }
  const waitWords: SessionOptions['waitWords'] = (owner) =>
    child && (owner === undefined || owner.pid === child.pid) ? STARTING : undefined
  return withRuntime(cli, { ...options, role: 'visitor', checkWait, waitWords }, work)
}

const STARTING = 'Starting a process in the background.'

const logOf = (data: string) => join(data, 'owner.log')

function startOwner({ self, terminal, engine }: Cli, data: string): ChildProcess {
  makePrivateFolder(data)
  const log = openSync(logOf(data), 'a', 0o600)
  const [executable = process.execPath, ...args] = self
  const child = spawn(executable, [...args, 'own', '--data', data, ...engineArguments(engine())], {
    cwd: terminal.folder,
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  return child
}

function couldNotStart(data: string, logged: number): TerminalError {
  const said = readFileSync(logOf(data)).subarray(logged).toString('utf8').trim()
  return new TerminalError(`The background process ended at once. Its output:\n${said || '(nothing)'}`)
}

/** Prints the id of a background run, and how to follow it. */
export function printStarted({ terminal }: Cli, session: Session, id: string, json: boolean): number {
  if (json) terminal.json({ id })
  else terminal.out(id)
  terminal.say(`It runs ${session.where}. To follow it:\n  ${session.command('resume', id)}`)
  return 0
}
