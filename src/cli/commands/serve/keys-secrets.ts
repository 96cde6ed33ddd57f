import { InvalidError } from '../../../errors.ts'
import { openSecrets, type SecretName, type SecretStore, secretsFileIn } from '../../../secret/store.ts'
import { passphrasePrompt, readSecret } from '../../arguments/secret-value.ts'
import { type Cli, command, loadSetup, type OptionRecord, type OptionsOf } from '../../cli.ts'
import { localTime } from '../../terminal/format.ts'

const UNLOCKING =
  'The file is encrypted with a passphrase: from --key-file, $ANTIPHON_KEY_FILE or $ANTIPHON_PASSPHRASE, or typed by you.'

const OPTIONS = [
  ['--key-file <file>', 'a file with the passphrase that only you can read'],
  ['--json', 'print names and times as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = OptionsOf<typeof OPTIONS> & { readonly data?: string }

const setCommand = command({
  name: 'set',
  about: `Store a secret. Its value is read from standard input or typed. ${UNLOCKING}`,
  args: [['<name>', 'name of the secret, used as secret://NAME']],
  options: OPTIONS,
  at: 'folder',
  excess: true,
  examples: ['keys set openai', 'keys set github.token < token.txt'],
  run: (cli, _name, options, { args }) => keep(cli, args, options, 'set'),
})

const rotateCommand = command({
  name: 'rotate',
  about: 'Replace the value of a secret. The new value is read from standard input or typed.',
  args: [['<name>', 'name of the secret']],
  options: OPTIONS,
  at: 'folder',
  excess: true,
  examples: ['keys rotate openai', 'keys rotate openai < new-key.txt'],
  run: (cli, _name, options, { args }) => keep(cli, args, options, 'rotated'),
})

async function keep(
  cli: Cli,
  [name = '', ...more]: readonly string[],
  options: Options,
  done: 'set' | 'rotated',
): Promise<number> {
  if (more.length > 0) throw onCommandLine(name)
  const secrets = await open(cli, options)
  const value = await readSecret(cli.terminal, name)
  await (done === 'set' ? secrets.put(name, value) : secrets.rotate(name, value))
  const secret = (await secrets.names()).find((one) => one.name === name)!
  if (options.json) cli.terminal.json(secret)
  else cli.terminal.out(`${name}: ${done}`)
  if (secret.variable) cli.terminal.say(`Note: ${secret.variable} is set here and overrides it.`)
  return 0
}

/** Unlike commander's error for extra arguments, this one does not print the value. */
function onCommandLine(name: string): InvalidError {
  return new InvalidError(
    'Expected the value on standard input, got it on the command line, where others on this machine can see it.',
    {
      hint: `Pass it in: antiphon keys set ${name} < FILE. Replace the secret that was on the command line.`,
    },
  )
}

const removeCommand = command({
  name: 'remove',
  about: 'Remove secrets for good.',
  args: [['<name...>', 'names of the secrets']],
  options: OPTIONS,
  at: 'folder',
  examples: ['keys remove openai'],
  async run(cli, names, options) {
    const secrets = await open(cli, options)
    for (const name of names) {
      await secrets.remove(name)
      if (!options.json) cli.terminal.out(`${name}: removed`)
    }
    if (options.json) cli.terminal.json(names)
    return 0
  },
})

const listCommand = command({
  name: 'list',
  about: 'List the names of secrets. Values are never shown.',
  options: OPTIONS,
  at: 'folder',
  examples: ['keys list', 'keys list --json'],
  async run(cli, options) {
    const names = await (await open(cli, options)).names()
    if (options.json) cli.terminal.json(names)
    else if (names.length === 0) cli.terminal.say('There are no secrets here. To keep one: antiphon keys set NAME')
    else cli.terminal.table(['SECRET', 'SET', 'ROTATED', 'FROM'], names.map(rowOf))
    return 0
  },
})

function rowOf({ name, setAt, rotatedAt, variable }: SecretName): readonly string[] {
  const time = (at: number | undefined) => (at === undefined ? '-' : localTime(at))
  return [name, time(setAt), time(rotatedAt), variable ?? 'the file']
}

async function open(cli: Cli, { data, keyFile }: Options): Promise<SecretStore> {
  const { environment } = cli.terminal
  const setup = await loadSetup(cli, data)
  return openSecrets({
    file: secretsFileIn(setup.data),
    environment,
    ...(keyFile !== undefined && { keyFile }),
    ...passphrasePrompt(cli.terminal),
  })
}

/** Secrets of this machine, by name. A running runtime uses a new value with its next call. */
export const SECRET_COMMANDS = [setCommand, listCommand, rotateCommand, removeCommand]
