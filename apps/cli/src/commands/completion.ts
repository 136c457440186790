import { Argument, type Command } from 'commander'
import { addCommand, inContext, type Run } from '../command.ts'
import { completionFor, type Shell, SHELLS } from '../completion.ts'

export function addCompletion(run: Run, program: Command): void {
  addCommand(run, program, 'completion', {
    summary: 'Write a script that completes commands and options in a shell',
    more: 'Add the line for your shell to its start-up file.',
    examples: [
      'completion bash      # in ~/.bashrc: eval "$(taskwire completion bash)"',
      'completion zsh       # in ~/.zshrc: eval "$(taskwire completion zsh)"',
      'completion fish      # in ~/.config/fish/config.fish: taskwire completion fish | source',
    ],
  })
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(
      inContext(run, async ({ screen, json }, shell: Shell) => {
        const script = completionFor(shell, program)
        if (json) screen.json({ shell, script })
        else screen.raw(script)
      }),
    )
}
