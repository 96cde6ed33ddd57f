import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders for scratch files and cgroups that a process made. */
export function leftBy(pid: number): readonly string[] {
  const cgroups = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = line.split(':')
      if (path === undefined) return []
      return [join('/sys/fs/cgroup', controllers!, path), join('/sys/fs/cgroup', controllers!, path, '..')]
    })
  const inside = [tmpdir(), ...cgroups].flatMap((folder) => listed(folder).map((name) => join(folder, name)))
  return inside.filter((path) => path.includes(`/antiphon-sandbox-${pid}-`))
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
