#!/usr/bin/env python3
"""Talks to `imr mcp` with the protocol's own client (the PyPI package `mcp`), as an assistant would.

    python3 tests/mcp/client.py path/to/imr path/to/index
"""
import asyncio, json, sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(imr, index):
    server = StdioServerParameters(command=imr, args=["mcp", "--index", index])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        about = await session.initialize()
        print("server:", about)
        tools = (await session.list_tools()).tools
        assert [tool.name for tool in tools] == ["search", "similar", "stats", "checklist", "show"], tools

        async def call(tool, **arguments):
            result = await session.call_tool(tool, arguments)
            text = result.content[0].text
            failed = getattr(result, "isError", None) or getattr(result, "is_error", None)
            return text if failed else json.loads(text)

        found = await call("search", query="taper", drug="norco")
        assert found["letters"] > 0 and found["hits"], found
        case = found["hits"][0]["case_number"]
        letter = (await call("show", case=case))["letter"]
        # What is quoted stands in the letter.
        for item in found["hits"][0]["items"]:
            whole = " ".join(letter["items"][item["item"] - 1]["rationale"].split())
            for sentence in item["passages"]:
                assert all(part.strip() in whole for part in sentence.split("[…]")), (case, sentence)
        assert (await call("similar", case=case))["hits"]
        counted = await call("stats", by=["class"])
        assert counted["report"]["rows"] and counted["examples"]["upheld"]
        assert (await call("checklist", drug="opioid"))["checklist"]
        wrong = await call("search", drgu="norco")
        assert isinstance(wrong, str) and "did you mean 'drug'" in wrong, wrong
        print(f"5 tools called; {case} shown and its quotations found in it; an error is a sentence: {wrong}")


asyncio.run(main(*sys.argv[1:]))
