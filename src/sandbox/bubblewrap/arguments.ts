import type { Mount } from '../sandbox.ts'

export type BubblewrapView = {
  /** the scratch folder, which is in memory, and the bytes that it may hold */
  readonly home: string
  readonly disk: number
  readonly mounts: readonly Mount[]
  /** folders and files of the system to show as they are, and links of the root such as /bin */
  readonly system: readonly string[]
  readonly links: readonly (readonly [path: string, target: string])[]
  /** bytes that /tmp and /dev/shm may hold, each */
  readonly temporary: number
  readonly environment: { readonly [name: string]: string }
  /** the folder in which the command starts */
  readonly folder: string
  /** the socket of a proxy, and the Node.js that leads to it from 127.0.0.1 */
  readonly proxy?: ProxyView
}

export type ProxyView = { readonly socket: string; readonly node: string }

/** Where commands see them. */
export const PROXY_PATHS = { socket: '/run/proxy.sock', node: '/run/node' }

/** The options of bubblewrap: the sandbox shares with this machine only what they name. */
export function bubblewrapOptions(view: BubblewrapView): readonly string[] {
  const { home, disk, mounts, system, links, temporary, environment, folder, proxy } = view
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns'],
    ...['--new-session', '--die-with-parent', '--clearenv', '--hostname', 'sandbox'],
    ...system.flatMap((path) => ['--ro-bind-try', path, path]),
    ...links.flatMap(([path, target]) => ['--symlink', target, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(temporary), '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--size', String(temporary), '--perms', '1777', '--tmpfs', '/tmp'],
    ...mounts.flatMap(mountArguments),
    // a folder that can be read may lie in a hidden one, so the hidden ones close last
    ...mounts.flatMap(({ path, hidden }) => (hidden === 'folder' ? ['--remount-ro', path] : [])),
    ...['--size', String(disk), '--perms', '0700', '--tmpfs', home],
    ...(proxy ? proxyArguments(proxy) : []),
    ...['--remount-ro', '/', '--chdir', folder],
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
  ]
}

/** A path for the scratch folder that lies in no mount and holds none: one would hide the other. */
export function scratchPath(mounts: readonly Mount[]): string {
  const hides = (above: string, path: string) => `${path}/`.startsWith(`${above}/`)
  const isFree = (path: string) => !mounts.some((mount) => hides(path, mount.path) || hides(mount.path, path))
  for (let number = 0; ; number++) {
    const path = number === 0 ? '/work' : `/work-${number}`
    if (isFree(path)) return path
  }
}

function mountArguments({ path, write, hidden }: Mount): readonly string[] {
  if (hidden === 'file') return ['--ro-bind', '/dev/null', path]
  if (hidden === 'folder') return ['--size', '4096', '--tmpfs', path]
  return [write ? '--bind' : '--ro-bind', path, path]
}

function proxyArguments({ socket, node }: ProxyView): readonly string[] {
  return ['--ro-bind', socket, PROXY_PATHS.socket, '--ro-bind', node, PROXY_PATHS.node]
}

/** The command with limits for each of its processes, also of open files: it could exhaust the machine's. */
export function withProcessLimits(
  prlimit: string,
  {
    memory,
    processes,
    disk,
    seconds,
  }: { readonly memory: number; readonly processes: number; readonly disk: number; readonly seconds: number },
  command: readonly string[],
): readonly string[] {
  const limits = [
    `--nproc=${processes}`,
    `--data=${memory}`,
    `--fsize=${disk}`,
    `--cpu=${Math.ceil(seconds) + 1}`,
    '--core=0',
    '--nofile=1024',
  ]
  return [prlimit, ...limits, '--', ...command]
}
