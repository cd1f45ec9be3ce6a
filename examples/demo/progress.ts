/** One line per order: redrawn in place on a terminal, appended as plain lines elsewhere. */
import logUpdate from 'log-update';

export interface Progress {
  /** What the order of this story is doing now. */
  note(story: string, doing: string): void;
  /** Something that concerns them all. */
  announce(text: string): void;
  close(): void;
}

export function openProgress(stories: readonly string[], terminal = process.stdout.isTTY === true): Progress {
  const width = Math.max(...stories.map((story) => story.length));
  if (!terminal) {
    return {
      note: (story, doing) => console.log(`${story.padEnd(width)}  ${doing}`),
      announce: (text) => console.log(`${''.padEnd(width)}  ${text}`),
      close: () => {},
    };
  }
  const lines = new Map(stories.map((story) => [story, 'not placed yet']));
  let announcement = '';
  const draw = () =>
    logUpdate(
      [...[...lines].map(([story, doing]) => `${story.padEnd(width)}  ${doing}`), '', announcement]
        .map((line) => line.slice(0, process.stdout.columns ?? 120))
        .join('\n'),
    );
  draw();
  return {
    note: (story, doing) => {
      lines.set(story, doing);
      draw();
    },
    announce: (text) => {
      announcement = text;
      draw();
    },
    close: () => logUpdate.done(),
  };
}
