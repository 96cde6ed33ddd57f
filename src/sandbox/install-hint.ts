import { readFile } from 'node:fs/promises'

const INSTALLERS: readonly (readonly [systems: RegExp, command: string])[] = [
  [/debian|ubuntu/, 'apt-get install'],
  [/fedora|rhel|centos/, 'dnf install'],
  [/alpine/, 'apk add'],
  [/arch/, 'pacman -S'],
  [/suse/, 'zypper install'],
]

/** The command that installs a package on this system. */
export async function installHint(name: string): Promise<string> {
  if (process.platform === 'darwin') return `Install it: \`brew install ${name}\`.`
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const systems = [...release.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, value]) => value).join(' ')
  const [, command] = INSTALLERS.find(([pattern]) => pattern.test(systems)) ?? []
  return command === undefined ? `Install the package ${name} of your system.` : `Install it: \`${command} ${name}\`.`
}
