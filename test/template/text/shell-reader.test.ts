import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inspectCommand, parseTemplate, renderCommand } from '../../../src/template/template.ts'
import { hasSeveralLines } from '../../../src/template/text/shell-reader.ts'
import { fc, TIMES } from '../../property.ts'

const faultOf = (text: string) => inspectCommand(parseTemplate(text)).fault?.message

test.each([
  'echo $((1 + 2)); echo {{ v | quote }}',
  'echo $(( (1 << 2) + 3 )) {{ v | quote }}',
  'echo "$((1+2))" {{ v | quote }}',
  `echo \${HOME#/} {{ v | quote }}`,
  `echo \${x:-"a"} {{ v | quote }}`,
  `echo "\${x:-"a"}" {{ v | quote }}`,
  `echo "\${x:-it}" {{ v | quote }}`,
  'echo "$(date "+%Y")" {{ v | quote }}',
  "echo $'a\\tb' {{ v | quote }}",
  'echo `date` {{ v | quote }}',
  'echo "`date`" {{ v | quote }}',
  "cat <<END\nit's\nEND\necho {{ v | quote }}",
  "cat <<-'END' | sort\n\tit's `\n\tEND\necho {{ v | quote }}",
  "cat <<A <<'B'\na\nA\n\"\nB\necho {{ v | quote }}",
  "# it's a comment\necho {{ v | quote }}",
  'true # don\'t "\necho {{ v | quote }}',
  "echo $#'a#b' a#'b' $$'c' {{ v | quote }}",
  '((1)) || echo {{ v | quote }}',
  'echo "$(case a in a) echo b;; esac)" \\\n  | cat; echo $[1+2] {{ v }}'
    .replace('"$(case', '$(case')
    .replace('esac)"', 'esac)'),
])('a value is safe behind what has ended: %s', (text) => {
  expect(faultOf(text)).toBeUndefined()
})

test.each([
  ['echo hi\necho "$(date {{ v | quote }})"', 'inside `"$(` at line 2, column 6'],
  ['echo $(( 1 + {{ v | quote }} ))', 'inside `$((` at line 1, column 6'],
  [`echo \${x:-{{ v | quote }}}`, 'inside `${` at line 1, column 6'],
  ["true\ntrue\n  cat <<'END'\n{{ v | quote }}\nEND", 'inside `<<END` at line 3'],
  ['true # {{ v | quote }}', 'inside `#` at line 1, column 6'],
  ["echo $'it\\'s' {{ v | quote }}", "inside `$'` at line 1, column 6"],
  ['echo `date {{ v | quote }}`', 'inside ``` at line 1, column 6'],
  ['echo \\{{ v | quote }}', 'behind `\\` at line 1, column 6'],
  [`echo \${{ v | quote }}`, 'behind `$` at line 1, column 6'],
  ["echo hi\necho it's {{ v | quote }}", 'inside quotes, which were opened at line 2, column 8'],
  ['echo "$(case a in b) c;; esac)" {{ v | quote }}', 'inside `"$(` at line 1, column 6'],
])('a value that is not safe names what is open, and where: %s', (text, message) => {
  expect(faultOf(text)).toContain(message)
})

const PIECES = [
  ...["'", '"', '`', '$(', ')', '((', '))', '$((', `\${x:-`, `\${HOME#`, '}', '#', ' # ', ' ', '\n', '<<E\n', '\nE\n'],
  ...["<<-'E'\n", '\\', "$'", 'echo ', 'a', ';', 'case a in a) ', ' esac', '$[', ']', '$', '(', '&& ', '| ', '1+2'],
  ...['<<', '{', '$$', "it's", '\\\n', '"$(', '$"', '<<<', '$#', ';;', 'cat '],
]
const ATTACKS = [
  '$(pwned)',
  "'$(pwned)'",
  '\npwned\n',
  "'; pwned; '",
  '`pwned`',
  '"; pwned; "',
  'E\npwned\n',
  'a[$(pwned)]',
]
const SHELLS = ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path))
const word = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

test('no accepted value is ever run by a shell', () => {
  const text = (maxLength: number) => fc.array(fc.constantFrom(...PIECES), { maxLength }).map((parts) => parts.join(''))
  const command = fc
    .tuple(text(9), fc.constantFrom('{{ v }}', '{{ v | quote }}'), text(6))
    .map((parts) => parts.join(''))
    .filter((text) => !/\{\{\{|\{\{.*\{\{|\{[%#]/s.test(text))
  const accepted = fc.sample(command, 600 * TIMES).filter((text) => faultOf(text) === undefined)
  expect(accepted.length).toBeGreaterThan(50)
  const lines = accepted.flatMap((text) => ATTACKS.map((v) => renderCommand(parseTemplate(text), { get: () => v })))
  // a command that is not valid ends its own subshell
  const script = ['pwned() { echo PWNED >&3; }', ...lines.map((line) => `( eval ${word(line)} ) </dev/null`), 'true']
  const folder = mkdtempSync(join(tmpdir(), 'shell-reader-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'commands.sh')
  writeFileSync(path, script.join('\n'))
  for (const shell of SHELLS)
    expect(
      execFileSync(shell, ['-c', `${shell} ${path} 3>&1 >/dev/null 2>/dev/null`], { cwd: folder }).toString(),
    ).toBe('')
})

test.each([
  ['false; echo a', false],
  ['echo a \\\n  b', false],
  ["echo 'a\nb'", false],
  ['cat <<END\na\nb\nEND', false],
  ['# why\necho a\n\n', false],
  ['false\necho a', true],
  ['cat <<END\na\nEND\nfalse', true],
  ['if true\nthen false\nfi', true],
])('the lines with commands are counted: %j', (command, expected) => {
  expect(hasSeveralLines(command)).toBe(expected)
})
