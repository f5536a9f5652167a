#pragma once

#include "engine/procedural/builder.h"

namespace lact {

// The object classes, listed in make_world.cpp. Each function builds one object of any size around the
// origin.
void build_figure(Builder& builder);
void build_animal(Builder& builder);
void build_vehicle(Builder& builder);
void build_furniture(Builder& builder);
void build_vessel(Builder& builder);
void build_boxes(Builder& builder);
void build_tool(Builder& builder);
void build_radial(Builder& builder);
void build_cage(Builder& builder);
void build_shoe(Builder& builder);
void build_food(Builder& builder);
void build_plant(Builder& builder);
void build_device(Builder& builder);
void build_house(Builder& builder);
void build_single(Builder& builder);
void build_tree(Builder& builder);
void build_stack(Builder& builder);
void build_cluster(Builder& builder);
void build_blocks(Builder& builder);
void build_car(Builder& builder);
void build_van(Builder& builder);
void build_truck(Builder& builder);
void build_tractor(Builder& builder);
void build_plane(Builder& builder);

}  // namespace lact
