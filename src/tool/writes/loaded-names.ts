/** Lower-case names of files and folders that programs load or run by name alone. `*` stands for any text. */
const LOADED = [
  // antiphon and other agents: a project may lie in a folder of another one
  'antiphon.yaml antiphon.yml .antiphon models.yaml models.yml .mcp.json mcp.lock.json agents.md claude.md gemini.md',
  '.claude .cursor .cursorrules .windsurfrules .codex .gemini .continue .aider*',
  // version control and its hooks
  '.git .gitmodules .gitattributes .gitconfig .hg .svn .jj .husky .githooks .pre-commit-config.yaml',
  'lefthook.y*ml .lefthook.y*ml lefthook-local.y*ml .lefthook',
  // pipelines of other programs
  '.github .gitlab-ci.yml .gitlab .circleci .travis.yml .drone.yml .woodpecker* azure-pipelines.yml jenkinsfile bitbucket-pipelines.yml',
  // packages
  'node_modules package.json package.json5 package.yaml package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb',
  '.npmrc .yarnrc* .yarn .pnp.* .pnpmfile.* pnpm-workspace.yaml bunfig.toml deno.json* deno.lock lerna.json nx.json turbo.json',
  'pyproject.toml setup.py setup.cfg requirements*.txt pipfile pipfile.lock poetry.lock uv.lock uv.toml pip.conf .pypirc tox.ini pytest.ini',
  'noxfile.py tasks.py conftest.py sitecustomize.py usercustomize.py *.pth *.egg-link .venv venv site-packages __pycache__ *.pyc',
  'gemfile gemfile.lock rakefile *.gemspec composer.json composer.lock cargo.toml cargo.lock .cargo build.rs go.mod go.sum go.work',
  'pom.xml .mvn mvnw* build.gradle* settings.gradle* gradle.properties gradlew* gradle *.csproj *.fsproj directory.build.* nuget.config',
  // builds
  'makefile gnumakefile *.mk justfile .justfile taskfile.y*ml gruntfile.* gulpfile.* cmakelists.txt build.ninja dockerfile* *.dockerfile',
  'containerfile docker-compose.y*ml docker-compose.*.y*ml compose.y*ml compose.*.y*ml .devcontainer .devcontainer.json vagrantfile procfile',
  '*.config.js *.config.ts *.config.mjs *.config.mts *.config.cjs *.config.cts tsconfig.json tsconfig.*.json jsconfig.json',
  '.babelrc* .eslintrc* .prettierrc* .stylelintrc* .mocharc* .swcrc .nycrc .postcssrc* .lintstagedrc* .huskyrc* .releaserc* .renovaterc*',
  // shells, environments and editors
  '.env .env.* .envrc .direnv .tool-versions .mise.toml .mise.*.toml mise.toml mise.*.toml .nvmrc .node-version .python-version .ruby-version',
  '.bashrc .bash_* .bash.* .profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login .logout .inputrc .xprofile .xinitrc',
  '.config .local .ssh .gnupg .aws .docker .kube .netrc .curlrc .wgetrc .tmux.conf .screenrc .gdbinit .lldbinit .pythonrc* .irbrc .pdbrc',
  '.vscode .idea .zed .fleet .vs *.code-workspace *.sublime-project .vimrc .exrc .nvimrc .nvim.lua .vim .emacs .emacs.d .dir-locals.el',
  'autorun.inf *.desktop *.service',
]

const escaped = (text: string) => text.replaceAll('.', '\\.')
const NAMES = LOADED.flatMap((line) => line.split(' '))
const EXACT = new Set(NAMES.filter((name) => !name.includes('*')))
const PATTERNS = NAMES.filter((name) => name.includes('*')).map(
  (name) => new RegExp(`^${name.split('*').map(escaped).join('.*')}$`, 'u'),
)

/** Whether a file or folder of that name is loaded or run by a program, wherever it lies. */
export function isLoadedName(name: string): boolean {
  // a folder with this file is a repository to git, which has hooks
  if (name === 'HEAD') return true
  const plain = foldName(name)
  return EXACT.has(plain) || PATTERNS.some((pattern) => pattern.test(plain))
}

/** A name, or a path, as a file system that ignores case, forms of letters and invisible characters sees it. */
export function foldName(name: string): string {
  if (/^[a-z0-9_/-]*$/.test(name)) return name
  const folded = name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .toLowerCase()
  return folded.replaceAll(/(?<![. ])[. ]+(?=\/|$)/g, '')
}
