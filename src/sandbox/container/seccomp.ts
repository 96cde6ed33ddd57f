import { readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownPrefix } from '../abandoned.ts'

/** The calls that a container may make, as docker and podman describe them. */
type SeccompProfile = {
  readonly syscalls: readonly { readonly names: readonly string[]; readonly [field: string]: unknown }[]
  readonly [field: string]: unknown
}

const PODMAN_PROFILE = '/usr/share/containers/seccomp.json'

/** Calls that make or enter namespaces, or change what is mounted. */
const REFUSED = [
  'unshare',
  'setns',
  'clone',
  'clone3',
  'mount',
  'umount',
  'umount2',
  'pivot_root',
  'fsopen',
  'move_mount',
]

/** All flags of `clone` that make a namespace. */
const NEW_NAMESPACES = 0x7e02_0000

/** The profile without new namespaces. Podman allows them, for containers in containers; docker does not. */
function withoutNamespaces({ syscalls, ...profile }: SeccompProfile): SeccompProfile {
  const clone = {
    names: ['clone'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  }
  const others = syscalls.map((rule) => ({ ...rule, names: rule.names.filter((name) => !REFUSED.includes(name)) }))
  return { ...profile, syscalls: [...others.filter(({ names }) => names.length > 0), clone] }
}

/** Writes podman's stricter profile and returns its path. Undefined if podman keeps its own elsewhere. */
export async function strictProfile(): Promise<string | undefined> {
  const text = await readFile(PODMAN_PROFILE, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const path = join(await realpath(tmpdir()), `${await ownPrefix()}-seccomp.json`)
  await writeFile(path, JSON.stringify(withoutNamespaces(JSON.parse(text) as SeccompProfile)), { mode: 0o600 })
  return path
}
