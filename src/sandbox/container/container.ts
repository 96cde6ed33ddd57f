import { randomBytes } from 'node:crypto'
import { InvalidError, TerminalError } from '../../errors.ts'
import { ownPrefix } from '../abandoned.ts'
import { checkMounts } from '../barred.ts'
import { scratchPath } from '../bubblewrap/arguments.ts'
import { executionOf } from '../execution.ts'
import { runProcess } from '../process/run-process.ts'
import type { Execution, OpenSandboxOptions, RunCommandOptions, Sandbox, SandboxProvider } from '../sandbox.ts'
import { exceededIn } from '../scratch/usage.ts'
import { createScratch, type Scratch } from '../scratch.ts'
import { createWatchdog } from '../watchdog.ts'
import { type ContainerView, clientVariables, containerArguments } from './arguments.ts'
import { type ContainerEngine, findEngine, removeAbandonedContainers, removeContainer, stateOf } from './engine.ts'
import { strictProfile } from './seccomp.ts'

/** It has sh and Python. */
const DEFAULT_IMAGE = 'python:3.13-slim'

/**
 * Sandboxes in containers of docker or podman. Each command has a container of its own, of an image that this machine
 * already has: nothing is pulled. Commands see the programs of the image, not those of this machine.
 */
export function containers(image = DEFAULT_IMAGE): SandboxProvider {
  let found: Promise<ContainerEngine> | undefined
  return {
    name: 'container',
    disk: 'watched',
    async check() {
      const engine = await findEngine(image)
      return 'reason' in engine ? engine : undefined
    },
    async open(options) {
      if (options.proxy) throw new InvalidError('A container cannot be kept to the hosts of `sandbox: { network }`.')
      await checkMounts(options.mounts ?? [])
      found ??= openEngine(image)
      const engine = await found.catch((error) => {
        found = undefined
        throw error
      })
      return sandboxIn(engine, image, await createScratch(), options)
    },
  }
}

async function openEngine(image: string): Promise<ContainerEngine> {
  const engine = await findEngine(image)
  if ('reason' in engine) throw new TerminalError(engine.reason, { code: 'sandbox_missing', hint: engine.hint })
  await removeAbandonedContainers(engine)
  const seccomp = engine.program === 'podman' ? await strictProfile() : undefined
  return { ...engine, ...(seccomp !== undefined && { seccomp }) }
}

function sandboxIn(
  engine: ContainerEngine,
  image: string,
  scratch: Scratch,
  { limits, mounts = [] }: OpenSandboxOptions,
): Sandbox {
  const home = scratchPath(mounts)
  const shown = { image, scratch: scratch.folder, home, mounts, limits }
  return {
    name: 'container',
    folder: home,
    async run(command, { environment = {}, folder = home, talk, ...how } = {}) {
      const name = `${await ownPrefix()}-${randomBytes(6).toString('hex')}`
      return runIn(engine, { ...shown, name, environment, folder, talks: talk !== undefined }, scratch, {
        ...how,
        ...(talk && { talk }),
        command,
      })
    },
    write: scratch.write,
    read: scratch.read,
    list: scratch.list,
    close: scratch.remove,
  }
}

async function runIn(
  engine: ContainerEngine,
  view: ContainerView,
  scratch: Scratch,
  {
    command,
    signal,
    seconds,
    talk,
  }: Pick<RunCommandOptions, 'signal' | 'seconds' | 'talk'> & { readonly command: readonly string[] },
): Promise<Execution> {
  const { limits, name } = view
  const watchdog = createWatchdog(() => exceededIn(scratch.folder, limits), limits, false)
  try {
    const result = await runProcess({
      words: [engine.path, ...containerArguments(engine, view), ...command],
      folder: '/',
      environment: clientVariables(engine, view),
      ...(talk ? { talk } : { timeout: Math.min(seconds ?? limits.seconds, limits.seconds) * 1000 }),
      signal: AbortSignal.any([watchdog.signal, ...(signal ? [signal] : [])]),
      isolated: true,
      started: watchdog.watch,
    })
    const hasFailed = result.ended === 'exit' && result.code !== 0
    const { killed, hasStarted } = hasFailed ? await stateOf(engine, name) : { killed: false, hasStarted: true }
    const isFull = hasFailed && (killed || result.code === KILLED)
    if (!hasStarted && ENGINE_FAILURES.includes(result.code)) throw notStarted(result.stderr.text)
    return executionOf(result, watchdog.exceeded() ?? (isFull ? 'memory' : undefined))
  } finally {
    watchdog.stop()
    // the client is only a viewer: with it gone, the container would go on
    await removeContainer(engine, name)
  }
}

/** The signal of the kernel when memory is used up, as a code. Nothing else kills a command that has not been ended. */
const KILLED = 137

/** The engine has failed, or it cannot begin the command. 127 says that the image has no such program. */
const ENGINE_FAILURES: readonly number[] = [125, 126]

function notStarted(complaint: string): TerminalError {
  const reason = complaint.trim().split('\n').at(-1)!.slice(0, 300)
  return new TerminalError(`The container did not start: ${reason}`, {
    code: 'sandbox_missing',
    hint: 'Look whether docker or podman can run a container of this image with a limit of memory and processes.',
  })
}
