import { InvalidError } from '../../errors.ts'
import type { Mount, SandboxLimits } from '../sandbox.ts'
import { NOBODY, runsAsRoot } from '../scratch/owner.ts'
import type { ContainerEngine } from './engine.ts'

export type ContainerView = {
  readonly name: string
  readonly image: string
  /** the scratch folder on this machine, and as commands see it */
  readonly scratch: string
  readonly home: string
  readonly mounts: readonly Mount[]
  readonly limits: SandboxLimits
  readonly environment: { readonly [name: string]: string }
  readonly folder: string
  /** whether it has input */
  readonly talks: boolean
}

/** The arguments of the client. The container has no network and no rights; it sees image, scratch and mounts. */
export function containerArguments(engine: ContainerEngine, view: ContainerView): readonly string[] {
  const { name, image, scratch, home, mounts, limits, folder, talks } = view
  const temporary = Math.floor(limits.memory / 4)
  return [
    ...['run', '--name', name, '--pull', 'never', '--log-driver', 'none', ...(talks ? ['--interactive'] : [])],
    ...['--network', 'none', '--ipc', 'private', '--hostname', 'sandbox'],
    ...['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--security-opt', 'label=disable'],
    ...(engine.seccomp === undefined ? [] : ['--security-opt', `seccomp=${engine.seccomp}`]),
    ...userArguments(engine),
    ...['--memory', String(limits.memory), '--memory-swap', String(limits.memory)],
    ...['--pids-limit', String(limits.processes)],
    ...['--ulimit', `fsize=${limits.disk}:${limits.disk}`, '--ulimit', 'nofile=1024:1024', '--ulimit', 'core=0:0'],
    // of all containers of this user; the limit above is that of this one
    ...['--ulimit', 'nproc=4096:4096'],
    ...['--tmpfs', `/tmp:rw,mode=1777,size=${temporary}`, '--shm-size', String(temporary)],
    ...mounts.flatMap((mount) => mountArguments(mount)),
    ...mountArguments({ path: scratch, write: true }, home),
    ...['--workdir', folder, '--env', `HOME=${home}`, '--env', 'TMPDIR=/tmp', '--env', 'LANG=C.UTF-8'],
    ...Object.entries(view.environment).flatMap(([key, value]) => [
      '--env',
      own(engine, key) ? key : `${key}=${value}`,
    ]),
    image,
  ]
}

/** The client reads a variable from its own environment: no command line shows it. Its own ones keep their values. */
const own = ({ environment }: ContainerEngine, name: string) => !(name in environment)

/** The environment of the client: its own variables, and those of the command that they do not hide. */
export const clientVariables = (engine: ContainerEngine, { environment }: Pick<ContainerView, 'environment'>) => ({
  ...environment,
  ...engine.environment,
})

function userArguments({ program }: ContainerEngine): readonly string[] {
  if (runsAsRoot()) return ['--user', `${NOBODY}:${NOBODY}`]
  const user = process.getuid && process.getgid ? ['--user', `${process.getuid()}:${process.getgid()}`] : []
  return program === 'podman' ? [...user, '--userns', 'keep-id'] : user
}

function mountArguments({ path, write, hidden }: Mount, target = path): readonly string[] {
  if (path.includes(',')) throw new InvalidError(`A container cannot show ${path}: its path has a comma.`)
  if (hidden === 'folder') return ['--tmpfs', `${target}:ro,size=4096,mode=0`]
  const source = hidden === 'file' ? '/dev/null' : path
  return ['--mount', `type=bind,source=${source},target=${target}${write ? '' : ',readonly'}`]
}
