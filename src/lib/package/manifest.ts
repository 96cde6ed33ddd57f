import { readFileSync } from 'node:fs'
import { PACKAGES } from './packages.ts'

type Manifest = { readonly version: string; readonly peerDependencies: { readonly [name: string]: string } }

const readManifest = () =>
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Manifest

export const version = (): string => readManifest().version

export const rangesOfPackages = (): { readonly [name: string]: string } => ({
  ...PACKAGES,
  ...readManifest().peerDependencies,
})

/** The parts of the error for an optional package that cannot be loaded. */
export const missingPackage = (name: string, cause: unknown) =>
  ({ code: 'peer_missing', hint: installCommand(name), cause }) as const

/** The command that installs packages, optional ones in the versions that this package works with. */
export function installCommand(...names: readonly string[]): string {
  const ranges = rangesOfPackages()
  const wanted = names.map((name) => (Object.hasOwn(ranges, name) ? `"${name}@${ranges[name]}"` : name))
  return `npm install ${wanted.join(' ')}`
}
