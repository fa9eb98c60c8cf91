import { useQuery } from "@tanstack/react-query";
import type { Attention } from "../../../src/api/wire.ts";
import { get } from "../api.ts";

/** What needs a person. One reading serves all that ask. */
export function useAttention() {
  return useQuery({
    queryKey: ["attention"],
    queryFn: async () => (await get<Attention>("/api/v1/attention")).items,
    refetchInterval: 3_000,
    retry: false,
  });
}
