import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { type Command, groupsOf } from './command.ts'

interface CommandBoxProps {
  label: string
  text: string
  onText(text: string): void
  /** What the text has found, the best first. */
  commands: readonly Command[]
  onRun(command: Command): void
  /** The user has deleted more than there was. */
  onBack(): void
}

/** A field with the commands that its text finds: a combobox of the ARIA patterns, in which the focus stays. */
export function CommandBox({ label, text, onText, commands: found, onRun, onBack }: CommandBoxProps) {
  const id = useId()
  const [wanted, setWanted] = useState(0)
  const groups = groupsOf(found)
  const commands = groups.flatMap(([, some]) => some)
  const active = commands[Math.min(wanted, commands.length - 1)]
  const optionId = (command: Command): string => `${id}-${commands.indexOf(command)}`

  function onKeyDown(event: KeyboardEvent): void {
    // The key is for the input method.
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && active !== undefined)
      setWanted((commands.indexOf(active) + step + commands.length) % commands.length)
    else if (event.key === 'Enter' && active !== undefined) onRun(active)
    else if (event.key === 'Backspace' && text === '') onBack()
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-autocomplete="list"
        aria-controls={id}
        aria-activedescendant={active && optionId(active)}
        placeholder={label}
        dir="auto"
        autoComplete="off"
        autoFocus
        enterKeyHint="go"
        value={text}
        onChange={({ target }) => {
          setWanted(0)
          onText(target.value)
        }}
        onKeyDown={onKeyDown}
      />
      <div id={id} role="listbox" aria-label="Commands" className="commands">
        {groups.map(([group, some]) => (
          <div key={group} role="group" aria-label={group}>
            <div aria-hidden className="group">
              {group}
            </div>
            {some.map((command) => (
              <Option
                key={command.id}
                id={optionId(command)}
                command={command}
                isActive={command === active}
                onPoint={() => setWanted(commands.indexOf(command))}
                onChoose={() => onRun(command)}
              />
            ))}
          </div>
        ))}
      </div>
    </>
  )
}

interface OptionProps {
  id: string
  command: Command
  isActive: boolean
  onPoint(): void
  onChoose(): void
}

function Option({ id, command, isActive, onPoint, onChoose }: OptionProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' })
  }, [isActive])
  return (
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={isActive}
      className="command"
      onPointerMove={onPoint}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <span dir="auto">{command.name}</span>
      {command.key !== undefined && <kbd>{command.key}</kbd>}
    </div>
  )
}
