"""Mail of whole accounts on its way: in from files (`intake`) or servers (`movein`), out into files (`outflow`)."""
