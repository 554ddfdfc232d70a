"""UN Convention against Transnational Organized Crime (UNTOC) and its Protocol on trafficking in persons."""
