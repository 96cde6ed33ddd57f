import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isAbandoned, SANDBOX_PREFIX } from '../abandoned.ts'
import { findProgram } from '../process/find-program.ts'
import type { SandboxGap } from '../sandbox.ts'

/** A client of docker or podman that answers. */
export type ContainerEngine = {
  readonly program: 'docker' | 'podman'
  readonly path: string
  /** the variables that the client needs */
  readonly environment: { readonly [name: string]: string }
  /** the file with the calls that containers may make; absent: the engine's own */
  readonly seccomp?: string
}

const PROGRAMS = ['docker', 'podman'] as const

/** Variables by which a client finds its program, its settings and its engine. */
const CLIENT_VARIABLES = [
  ...['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'],
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'CONTAINER_HOST'],
]

const ANSWER_TIMEOUT_MS = 20_000

/** The first engine that answers and has the image, or why there is none. */
export async function findEngine(image: string): Promise<ContainerEngine | SandboxGap> {
  const environment = clientEnvironment()
  const reasons: string[] = []
  for (const program of PROGRAMS) {
    const path = await findProgram(program, '/', environment.PATH ?? '')
    if (path === undefined) continue
    const engine = { program, path, environment }
    const failure = await ask(engine, ['image', 'inspect', '--format', '{{.Id}}', image]).then(
      () => undefined,
      reasonIn,
    )
    if (failure === undefined) return engine
    if (/no such image|image not known/i.test(failure))
      return { reason: `${program} has no image ${image}`, hint: `Get it with \`${program} pull ${image}\`.` }
    reasons.push(`${program} does not answer: ${failure}`)
  }
  if (reasons.length > 0) return { reason: reasons.join('; '), hint: 'Start docker or podman.' }
  return { reason: 'neither docker nor podman is installed', hint: 'Install docker or podman.' }
}

function clientEnvironment(): { readonly [name: string]: string } {
  return Object.fromEntries(
    CLIENT_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

const reasonIn = ({ stderr, message }: Error & { readonly stderr?: string }) =>
  (stderr?.trim() || message).split('\n').at(-1)!.slice(0, 300)

async function ask({ path, environment }: ContainerEngine, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(path, args, { env: environment, timeout: ANSWER_TIMEOUT_MS })
  return stdout
}

/** Whether the container has started, and whether the kernel killed a process of it because its memory was used up. */
export async function stateOf(engine: ContainerEngine, name: string) {
  const format = '{{.State.OOMKilled}} {{.State.StartedAt}}'
  const text = await ask(engine, ['inspect', '--format', format, name]).catch(() => '')
  return { killed: text.startsWith('true'), hasStarted: text !== '' && !text.includes(' 0001-01-01') }
}

/** Ends a container with all its processes, and removes it. A container that is gone already is no error. */
export async function removeContainer(engine: ContainerEngine, name: string): Promise<void> {
  // podman waits ten seconds for the processes to end by themselves, unless the time is 0
  await ask(engine, ['rm', '--force', ...(engine.program === 'podman' ? ['--time', '0'] : []), name]).catch(() => {})
}

/** Removes the containers whose antiphon process has ended. */
export async function removeAbandonedContainers(engine: ContainerEngine): Promise<void> {
  const listed = await ask(engine, ['ps', '--all', '--filter', `name=${SANDBOX_PREFIX}`, '--format', '{{.Names}}'])
  for (const name of listed.split('\n'))
    if (name.startsWith(SANDBOX_PREFIX) && (await isAbandoned(name))) await removeContainer(engine, name)
}
