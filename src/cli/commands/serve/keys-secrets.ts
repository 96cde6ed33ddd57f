import { Command } from 'commander'
import { InvalidError } from '../../../errors.ts'
import { openSecrets, type SecretName, type SecretStore, secretsFileIn } from '../../../secret/store.ts'
import { DATA_OPTION, exampleText } from '../../arguments/options.ts'
import { passphrasePrompt, readSecret } from '../../arguments/secret-value.ts'
import { type Cli, loadSetup } from '../../cli.ts'
import { printJson } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { localTime } from '../../terminal/format.ts'

type Options = { readonly data?: string; readonly keyFile?: string; readonly json?: boolean }

/** `set`, `list`, `rotate` and `remove`: secrets of this machine, by name. A running runtime uses a new value with its next call. */
export function secretCommands(cli: Cli): readonly Command[] {
  return [setCommand(cli), listCommand(cli), rotateCommand(cli), removeCommand(cli)]
}

const UNLOCKING =
  'The file is encrypted with a passphrase: from --key-file, $ANTIPHON_KEY_FILE or $ANTIPHON_PASSPHRASE, or typed by you.'

function secretCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--key-file <file>', 'a file with the passphrase that only you can read')
    .option('--json', 'print names and times as JSON')
    .option(...DATA_OPTION)
}

function setCommand(cli: Cli): Command {
  return secretCommand('set', `Store a secret. Its value is read from standard input or typed. ${UNLOCKING}`)
    .argument('<name>', 'name of the secret, used as secret://NAME')
    .addHelpText('after', exampleText('keys set openai', 'keys set github.token < token.txt'))
    .allowExcessArguments()
    .action((_name: string, options: Options, { args }: Command) => keep(cli, args, options, 'set'))
}

function rotateCommand(cli: Cli): Command {
  return secretCommand('rotate', 'Replace the value of a secret. The new value is read from standard input or typed.')
    .argument('<name>', 'name of the secret')
    .addHelpText('after', exampleText('keys rotate openai', 'keys rotate openai < new-key.txt'))
    .allowExcessArguments()
    .action((_name: string, options: Options, { args }: Command) => keep(cli, args, options, 'rotated'))
}

async function keep(
  cli: Cli,
  [name = '', ...more]: readonly string[],
  options: Options,
  done: 'set' | 'rotated',
): Promise<void> {
  if (more.length > 0) throw onCommandLine(name)
  const secrets = await open(cli, options)
  const value = await readSecret(cli.terminal, name)
  await (done === 'set' ? secrets.put(name, value) : secrets.rotate(name, value))
  const kept = (await secrets.names()).find((one) => one.name === name)!
  if (options.json) printJson(cli.terminal, kept)
  else cli.terminal.out(`${name}: ${done}`)
  if (kept.variable) cli.terminal.say(`Note: ${kept.variable} is set here and overrides it.`)
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

function removeCommand(cli: Cli): Command {
  return secretCommand('remove', 'Remove secrets for good.')
    .argument('<name...>', 'names of the secrets')
    .addHelpText('after', exampleText('keys remove openai'))
    .action(async (names: readonly string[], options: Options) => {
      const secrets = await open(cli, options)
      for (const name of names) {
        await secrets.remove(name)
        if (!options.json) cli.terminal.out(`${name}: removed`)
      }
      if (options.json) printJson(cli.terminal, names)
    })
}

function listCommand(cli: Cli): Command {
  return secretCommand('list', 'List the names of secrets. Values are never shown.')
    .addHelpText('after', exampleText('keys list', 'keys list --json'))
    .action(async (options: Options) => {
      const names = await (await open(cli, options)).names()
      if (options.json) printJson(cli.terminal, names)
      else if (names.length === 0) cli.terminal.say('There are no secrets here. To keep one: antiphon keys set NAME')
      else printTable(cli.terminal, ['SECRET', 'SET', 'ROTATED', 'FROM'], names.map(rowOf))
    })
}

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
