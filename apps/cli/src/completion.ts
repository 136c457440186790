import type { Command, Option } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What can follow a command, such as `keys create`. The path of the program itself is ''. */
interface CommandNode {
  path: string
  summary: string
  commands: { name: string; summary: string }[]
  options: { flag: string; text: string; takesValue: boolean; choices: readonly string[] }[]
}

function listCommands(program: Command): CommandNode[] {
  const globals = program.options
  const walk = (command: Command, path: string): CommandNode[] => {
    const commands = command.commands.map((each) => ({ name: each.name(), summary: each.summary() }))
    const options = [...command.options, ...(command === program ? [] : globals)]
    const help = { flag: '--help', text: 'show help', takesValue: false, choices: [] }
    return [
      { path, summary: command.summary(), commands, options: [...options.flatMap(optionOf), help] },
      ...command.commands.flatMap((each) => walk(each, `${path} ${each.name()}`.trim())),
    ]
  }
  return walk(program, '')
}

function optionOf({ long, description, required, optional, argChoices }: Option): CommandNode['options'] {
  if (!long) return []
  return [{ flag: long, text: description, takesValue: required || optional, choices: argChoices ?? [] }]
}

/** Returns the script with which a shell completes the program's commands, options and their values. */
export function completionFor(shell: Shell, program: Command): string {
  const nodes = listCommands(program)
  switch (shell) {
    case 'bash':
      return bash(nodes)
    case 'zsh':
      return zsh(nodes)
    case 'fish':
      return fish(nodes)
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

// Finds the command in `words`, the words before the cursor. Options and arguments are skipped.
const commandLoop = (nodes: CommandNode[], words: string): string => {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quote(path))
  return `  local place='' word
  for word in "${words}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done`
}

function bash(nodes: CommandNode[]): string {
  const values = new Map(
    nodes.flatMap(({ options }) =>
      options.filter(({ takesValue }) => takesValue).map(({ flag, choices }) => [flag, choices.join(' ')] as const),
    ),
  )
  const chosen = [...values].map(([flag, words]) =>
    words === ''
      ? `    ${flag}) return ;;`
      : `    ${flag}) COMPREPLY=($(compgen -W ${quote(words)} -- "$cur")); return ;;`,
  )
  const words = nodes.map(({ path, commands, options }) => {
    const all = [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)]
    return `    ${quote(path)}) COMPREPLY=($(compgen -W ${quote(all.join(' '))} -- "$cur")) ;;`
  })
  return `# Completion of taskwire for bash. To use it: eval "$(taskwire completion bash)"
_taskwire() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$prev" in
${chosen.join('\n')}
  esac
${commandLoop(nodes, '${COMP_WORDS[@]:1:COMP_CWORD-1}')}
  case "$place" in
${words.join('\n')}
  esac
}
complete -o default -F _taskwire taskwire
`
}

function zsh(nodes: CommandNode[]): string {
  const text = (words: string): string => words.replace(/[[\]:\\]/gu, String.raw`\$&`)
  const spec = ({ flag, text: about, takesValue, choices }: CommandNode['options'][number]): string => {
    const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files'
    return quote(`*${flag}[${text(about)}]${takesValue ? value : ''}`)
  }
  const cases = nodes.map(({ path, commands, options }) => {
    const names = commands.map(({ name, summary }) => quote(`${text(name)}:${text(summary)}`))
    const described =
      names.length === 0 ? '' : `\n      local -a names=(${names.join(' ')})\n      _describe command names`
    return `    ${quote(path)})${described}\n      _arguments -S ${options.map(spec).join(' ')} '*:file:_files' ;;`
  })
  return `#compdef taskwire
# Completion of taskwire for zsh. To use it: eval "$(taskwire completion zsh)", after compinit
_taskwire() {
${commandLoop(nodes, '${(@)words[2,CURRENT-1]}')}
  case "$place" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _taskwire ]; then _taskwire "$@"; else compdef _taskwire taskwire; fi
`
}

function fish(nodes: CommandNode[]): string {
  const escaped = (text: string): string => `'${text.replace(/[\\']/gu, String.raw`\$&`)}'`
  const lines = nodes.flatMap(({ path, commands, options }) => {
    const seen = path.split(' ').filter((word) => word !== '')
    const conditions = [
      ...(path === '' ? ['__fish_use_subcommand'] : seen.map((word) => `__fish_seen_subcommand_from ${word}`)),
      ...(path !== '' && commands.length > 0
        ? [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`]
        : []),
    ]
    const when = `-n ${escaped(conditions.join('; and '))}`
    return [
      ...commands.map(({ name, summary }) => `complete -c taskwire -f ${when} -a ${name} -d ${escaped(summary)}`),
      ...options.map(({ flag, text, takesValue, choices }) => {
        const value = takesValue ? ` -r${choices.length > 0 ? ` -f -a ${escaped(choices.join(' '))}` : ''}` : ''
        return `complete -c taskwire ${when} -l ${flag.slice(2)} -d ${escaped(text)}${value}`
      }),
    ]
  })
  return `# Completion of taskwire for fish. To use it: taskwire completion fish | source\n${lines.join('\n')}\n`
}
