import { type UIEvent, useEffect, useRef } from "react";

/** How far from its end a box still counts as being there, in px. */
const nearPx = 40;

/** Keeps a box that scrolls at its end while it grows, unless one has scrolled up. */
export function useFollowEnd(length: number) {
  const ref = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (length > 0 && atEnd.current && ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  }, [length]);
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLElement>) => {
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
  };
  return { ref, onScroll };
}
